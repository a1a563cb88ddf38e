/** The {@code jformers} command: parses, calls, prints. */
@NullMarked
package org.jformers.cli;

import org.jspecify.annotations.NullMarked;

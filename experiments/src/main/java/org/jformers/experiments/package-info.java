/** The experiments that jformers ships. */
@NullMarked
package org.jformers.experiments;

import org.jspecify.annotations.NullMarked;

/** The {@code jformers} command: parses, calls, prints. */
package org.jformers.cli;

/** Experiments: named trees of settings, the shipped ones, and runs of them. */
@NullMarked
package org.jformers.experiment;

import org.jspecify.annotations.NullMarked;

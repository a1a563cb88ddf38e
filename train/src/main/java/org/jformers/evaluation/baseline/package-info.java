/** What a Transformer has to beat: strong classical models of the same tasks, trained in seconds on one core. */
@NullMarked
package org.jformers.evaluation.baseline;

import org.jspecify.annotations.NullMarked;

/** How good a model is: metrics that equal the field's reference tools, and the baselines a model has to beat. */
@NullMarked
package org.jformers.evaluation;

import org.jspecify.annotations.NullMarked;

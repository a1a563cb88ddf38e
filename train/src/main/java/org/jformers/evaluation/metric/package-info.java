/** Metrics that equal the field's reference tools figure by figure; immutable, thread-safe, plain Java. */
@NullMarked
package org.jformers.evaluation.metric;

import org.jspecify.annotations.NullMarked;

/** Metrics that equal the field's reference tools figure by figure; immutable, thread-safe, plain Java. */
package org.jformers.evaluation.metric;

/** What a Transformer has to beat: strong classical models of the same tasks, trained in seconds on one core. */
package org.jformers.evaluation.baseline;

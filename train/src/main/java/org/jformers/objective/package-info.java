/** What a model is trained for: losses over batches. */
package org.jformers.objective;

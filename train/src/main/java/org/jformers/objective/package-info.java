/** What a model is trained for: losses over batches. */
@NullMarked
package org.jformers.objective;

import org.jspecify.annotations.NullMarked;

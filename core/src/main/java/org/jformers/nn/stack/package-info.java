/** Stacks: embeddings, blocks one upon the other, and what goes in and comes out of them. */
@NullMarked
package org.jformers.nn.stack;

import org.jspecify.annotations.NullMarked;

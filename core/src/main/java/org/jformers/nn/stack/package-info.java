/** Stacks: embeddings, blocks one upon the other, and what goes in and comes out of them. */
package org.jformers.nn.stack;

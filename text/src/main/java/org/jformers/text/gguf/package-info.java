/** The head of a GGUF file, in which llama.cpp keeps a model's settings, its tokenizer and the list of its tensors. */
@NullMarked
package org.jformers.text.gguf;

import org.jspecify.annotations.NullMarked;



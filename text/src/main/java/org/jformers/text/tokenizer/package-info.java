/** Tokenizers as checkpoints describe them: tokenizer.json, SentencePiece models, tables of words and merges, GGUF. */
@NullMarked
package org.jformers.text.tokenizer;

import org.jspecify.annotations.NullMarked;

/** Learning the vocabulary of a tokenizer from texts. */
@NullMarked
package org.jformers.text.training;

import org.jspecify.annotations.NullMarked;



/** Learning the vocabulary of a tokenizer from texts. */
package org.jformers.text.training;

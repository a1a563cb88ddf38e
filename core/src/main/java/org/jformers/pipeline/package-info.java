/** Tasks from text to answer: a tokenizer, a model and its settings in one object, loaded from a folder. */
package org.jformers.pipeline;

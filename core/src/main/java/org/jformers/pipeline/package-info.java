/** Tasks from text to answer: a tokenizer, a model and its settings in one object, loaded from a folder. */
@NullMarked
package org.jformers.pipeline;

import org.jspecify.annotations.NullMarked;

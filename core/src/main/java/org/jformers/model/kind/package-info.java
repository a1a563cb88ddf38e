/** The kinds of models: one stack, encoder-decoders, models of segments, towers of images, speech; and their losses. */
package org.jformers.model.kind;

/** The kinds of models: one stack, encoder-decoders, models of segments, towers of images, speech; and their losses. */
@NullMarked
package org.jformers.model.kind;

import org.jspecify.annotations.NullMarked;

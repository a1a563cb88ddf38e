/** What a model is to those who use one: configuration, specification, inputs, outputs, the loss, saving. */
@NullMarked
package org.jformers.model;

import org.jspecify.annotations.NullMarked;

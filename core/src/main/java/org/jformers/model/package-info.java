/** What a model is to those who use one: configuration, specification, inputs, outputs, the loss, saving. */
package org.jformers.model;

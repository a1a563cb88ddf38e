/** From a folder to a model: which family reads its configuration, which weights fill it. */
package org.jformers.model.auto;

/** From a folder to a model: which family reads its configuration, which weights fill it. */
@NullMarked
package org.jformers.model.auto;

import org.jspecify.annotations.NullMarked;

/** Models in the files of other programs, made into model folders. A format is one class, listed in ModelConversion. */
@NullMarked
package org.jformers.model.convert;

import org.jspecify.annotations.NullMarked;

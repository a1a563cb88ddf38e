/** Models in the files of other programs, made into model folders. A format is one class, listed in ModelConversion. */
package org.jformers.model.convert;

/**
 * Regular expressions as tokenizer.json has them: the Ruby syntax of the Oniguruma library, on code points, on a stack
 * of its own, and with Unicode data that do not depend on the JDK, but for {@code \X}: clusters are the JDK's.
 */
@NullMarked
package org.jformers.text.regex;

import org.jspecify.annotations.NullMarked;



/**
 * Regular expressions as tokenizer.json has them: the Ruby syntax of the Oniguruma library, on code points, with
 * Unicode data that do not depend on the JDK, and on a stack of its own.
 */
package org.jformers.text.regex;

/** Models as LangChain4j's interfaces, in the process of the application. */
@NullMarked
package org.jformers.langchain4j;

import org.jspecify.annotations.NullMarked;

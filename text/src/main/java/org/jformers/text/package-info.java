/** Text in, token ids out, and back: tokenizers, their training, and chat templates. Nothing here is native. */
@NullMarked
package org.jformers.text;

import org.jspecify.annotations.NullMarked;



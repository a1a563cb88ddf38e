/** Text in, token ids out, and back: tokenizers, their training, and chat templates. Nothing here is native. */
package org.jformers.text;

/** Chat templates as models ship them: a small Jinja engine over plain data, and its rendering as safe token ids. */
@NullMarked
package org.jformers.text.chat;

import org.jspecify.annotations.NullMarked;



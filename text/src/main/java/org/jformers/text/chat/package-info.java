/** Chat templates as models ship them: a small Jinja engine over plain data, and its rendering as safe token ids. */
package org.jformers.text.chat;

/** What stands on a stack: from hidden states to scores and losses. */
@NullMarked
package org.jformers.model.head;

import org.jspecify.annotations.NullMarked;

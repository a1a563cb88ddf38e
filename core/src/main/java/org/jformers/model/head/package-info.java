/** What stands on a stack: from hidden states to scores and losses. */
package org.jformers.model.head;

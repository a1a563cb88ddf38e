/** What models can be trained for: tasks with their data, batches and measures. */
@NullMarked
package org.jformers.task;

import org.jspecify.annotations.NullMarked;

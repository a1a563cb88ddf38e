/** What models can be trained for: tasks with their data, batches and measures. */
package org.jformers.task;

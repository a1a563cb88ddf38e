/** What a run leaves behind for people: metrics as JSONL and TensorBoard events, plots, and report.html. */
@NullMarked
package org.jformers.training.report;

import org.jspecify.annotations.NullMarked;

/** What a run leaves behind for people: metrics as JSONL and TensorBoard events, plots, and report.html. */
package org.jformers.training.report;

/**
 * From files to batches: sources of rows with named columns, splits, token sequences, batching by length, packing,
 * deterministic streams of batches and their preparation in the background. Nothing here is native.
 */
@NullMarked
package org.jformers.data;

import org.jspecify.annotations.NullMarked;

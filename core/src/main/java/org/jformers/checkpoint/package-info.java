/**
 * Weights on disk: safetensors files and sharded folders, read by memory map and written atomically, and the two-way
 * map between the names of a checkpoint and those of a model.
 */
@NullMarked
package org.jformers.checkpoint;

import org.jspecify.annotations.NullMarked;

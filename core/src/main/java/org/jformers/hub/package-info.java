/**
 * The hub client: a model's id to a folder on this machine. Keeps the cache that Python's huggingface_hub keeps, so
 * that both see what either has downloaded. {@link org.jformers.hub.ModelSource} is the door for whatever a user typed.
 */
@NullMarked
package org.jformers.hub;

import org.jspecify.annotations.NullMarked;

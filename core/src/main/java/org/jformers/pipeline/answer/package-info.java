/**
 * What serves many callers of one model: the thread of its engine, answers up to stop texts, conversations and calls of
 * functions.
 */
@NullMarked
package org.jformers.pipeline.answer;

import org.jspecify.annotations.NullMarked;

/** Models over HTTP: OpenAI's API, every pipeline, health and measurements. Thin: engine and pipelines do the work. */
@NullMarked
package org.jformers.server;

import org.jspecify.annotations.NullMarked;

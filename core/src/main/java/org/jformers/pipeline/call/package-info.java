/** Calls of pipelines as JSON, with the names and the results of the reference's pipelines. */
@NullMarked
package org.jformers.pipeline.call;

import org.jspecify.annotations.NullMarked;

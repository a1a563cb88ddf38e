/** Corpora that come as Maven artifacts: where their bytes are and how their columns are named. */
@NullMarked
package org.jformers.corpora;

import org.jspecify.annotations.NullMarked;

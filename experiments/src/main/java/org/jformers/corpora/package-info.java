/** Corpora that come as Maven artifacts: where their bytes are and how their columns are named. */
package org.jformers.corpora;

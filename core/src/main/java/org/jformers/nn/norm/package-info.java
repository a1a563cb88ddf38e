/** Norms over the width of a vector. */
package org.jformers.nn.norm;

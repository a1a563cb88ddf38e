/** Models changed after they are made: fewer heads, another vocabulary, matrices of low rank added. */
package org.jformers.model.surgery;

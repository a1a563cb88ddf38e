/** Who may attend to whom: masks are statements about positions, and data that compare, print and combine. */
package org.jformers.nn.mask;

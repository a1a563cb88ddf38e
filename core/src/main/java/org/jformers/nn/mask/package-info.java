/** Who may attend to whom: masks are statements about positions, and data that compare, print and combine. */
@NullMarked
package org.jformers.nn.mask;

import org.jspecify.annotations.NullMarked;

/** Convolutions over time, and the norms that go with them: the parts that read sound. */
@NullMarked
package org.jformers.nn.conv;

import org.jspecify.annotations.NullMarked;

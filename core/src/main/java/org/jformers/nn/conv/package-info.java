/** Convolutions over time, and the norms that go with them: the parts that read sound. */
package org.jformers.nn.conv;

/**
 * Cases: single inputs with the value that the reference gives, run through the doors that users take. Above the
 * training module, for metrics and data files have cases as well.
 */
@NullMarked
package org.jformers.conformance;

import org.jspecify.annotations.NullMarked;

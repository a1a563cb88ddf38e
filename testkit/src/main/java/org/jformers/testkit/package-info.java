/**
 * Checks for this project and for whoever adds to it: golden fixtures, contracts that every family keeps, assertions.
 */
@NullMarked
package org.jformers.testkit;

import org.jspecify.annotations.NullMarked;

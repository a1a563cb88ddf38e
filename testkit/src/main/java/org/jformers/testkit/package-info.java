/**
 * Checks for this project and for whoever adds to it: golden fixtures, contracts that every family keeps, assertions.
 */
package org.jformers.testkit;

/** Measurements of the scripts in {@code bench}: each class is a program whose figures a script prints. */
package org.jformers.bench;

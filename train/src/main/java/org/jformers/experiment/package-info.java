/** Experiments: named trees of settings, the shipped ones, and runs of them. */
package org.jformers.experiment;

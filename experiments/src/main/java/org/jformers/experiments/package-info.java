/** The experiments that jformers ships. */
package org.jformers.experiments;

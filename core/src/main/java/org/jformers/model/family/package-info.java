/** The families: each translates its config into specs of shared parts and its checkpoint names into ours. */
@NullMarked
package org.jformers.model.family;

import org.jspecify.annotations.NullMarked;

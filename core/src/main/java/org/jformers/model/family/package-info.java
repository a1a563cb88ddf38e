/** The families: each translates its config into specs of shared parts and its checkpoint names into ours. */
package org.jformers.model.family;

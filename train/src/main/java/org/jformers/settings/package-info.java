/** Settings as data: records seen as trees of named values, their JSON, and errors that name the nearest key. */
@NullMarked
package org.jformers.settings;

import org.jspecify.annotations.NullMarked;

/** What all parts share: failures that are meant for users, and what files of others hold made fit to be shown. */
@NullMarked
package org.jformers;

import org.jspecify.annotations.NullMarked;

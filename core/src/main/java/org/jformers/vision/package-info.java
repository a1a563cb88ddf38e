/** Images as models read them: files to pixels, pixels to the sizes and ranges of a preprocessor_config.json. */
@NullMarked
package org.jformers.vision;

import org.jspecify.annotations.NullMarked;

/** Images as models read them: files to pixels, pixels to the sizes and ranges of a preprocessor_config.json. */
package org.jformers.vision;

/** Sound as models read it: files to waveforms, waveforms to the features of a preprocessor_config.json. */
@NullMarked
package org.jformers.audio;

import org.jspecify.annotations.NullMarked;

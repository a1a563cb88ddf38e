/** Sound as models read it: files to waveforms, waveforms to the features of a preprocessor_config.json. */
package org.jformers.audio;

package org.jformers.pipeline;

import org.jformers.pipeline.AutomaticSpeechRecognition.Options;

/** Writes down what is said in waveforms: a way to do it, which follows from the kind of model. */
interface SpeechRecognizer {

    /**
     * What is said.
     *
     * @param samples at least one, at the model's rate
     */
    Transcript transcribe(float[] samples, Options options);
}

package org.jformers.model;

/** What a model is for: which head stands on its body. */
public enum Task {
    /** No head: hidden states, and the pooled first token where the family has it. */
    BASE,
    /** The encoder of an encoder-decoder by itself: hidden states. */
    ENCODER,
    /** The next token, from the left. */
    CAUSAL_LM,
    /** Hidden tokens, from both sides. */
    MASKED_LM,
    /** The objectives the family was pretrained with, together. */
    PRETRAINING,
    /** Which tokens were replaced. */
    REPLACED_TOKENS,
    /** Whether the second sentence follows the first. */
    NEXT_SENTENCE,
    /** One label for the sequence. */
    SEQUENCE_CLASSIFICATION,
    /** One label for each token. */
    TOKEN_CLASSIFICATION,
    /** Where the answer begins and ends. */
    QUESTION_ANSWERING,
    /** The same, with the likeliest beginnings followed, and whether there is an answer at all. */
    QUESTION_ANSWERING_BEAM,
    /** Which of several continuations fits. */
    MULTIPLE_CHOICE,
    /** The next token, and which of several continuations fits. */
    DOUBLE_HEADS,
    /** A target sequence from a source sequence. */
    SEQ2SEQ_LM,
    /** One label for the image. */
    IMAGE_CLASSIFICATION,
    /** Hidden patches of an image. */
    MASKED_IMAGE,
    /** One vector for the whole input, in a space that models of texts and of images share. */
    PROJECTION,
    /** Which text belongs to which image. */
    CONTRASTIVE,
    /** The text of a recording, a score for each token at each frame. */
    CTC,
    /** A spectrogram that speaks a text. */
    TEXT_TO_SPEECH
}

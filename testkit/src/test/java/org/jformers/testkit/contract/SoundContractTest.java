package org.jformers.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.jformers.testkit.TensorAssert.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.jformers.generation.Controls;
import org.jformers.generation.GenerationConfig;
import org.jformers.generation.Generator;
import org.jformers.model.ConfigException;
import org.jformers.model.ModelInputs;
import org.jformers.model.Task;
import org.jformers.model.kind.TextToSpeechModel;
import org.jformers.model.kind.TextToSpeechModel.Ending;
import org.jformers.nn.attention.KeyValueCache;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;
import org.jformers.testkit.Handles;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

final class SoundContractTest {
    private static final long[][] TOKENS = {{3, 9, 4, 7, 5}, {8, 6, 11, 3, 10}};

    @Nested
    final class Whisper extends SoundContract {
        Whisper() {
            super("""
                    {"model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"], "vocab_size": 23,
                     "num_mel_bins": 5, "d_model": 12, "encoder_layers": 2, "encoder_attention_heads": 3,
                     "encoder_ffn_dim": 14, "decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 10,
                     "max_source_positions": 6, "max_target_positions": 9, "dropout": 0.2, "pad_token_id": 1,
                     "apply_spec_augment": true, "mask_time_length": 3, "decoder_start_token_id": 2,
                     "use_weighted_layer_sum": true}
                    """, Task.SEQ2SEQ_LM, "logits");
        }

        @Override
        protected ModelInputs labelled() {
            return ModelInputs.of(Map.of("input_features", wave(2, 5, 12), "labels", Tensors.ofLongs(TOKENS)));
        }

        private ModelInputs heard(Tensor ids_BT) {
            return ModelInputs.of(Map.of("input_features", wave(2, 5, 12), "decoder_input_ids", ids_BT));
        }

        @Test
        void aCacheChangesNothing() {
            with(model -> {
                Tensor ids = Tensors.ofLongs(TOKENS);
                Tensor whole = forward(model, heard(ids)).logits();
                try (KeyValueCache cache = model.newCache()) {
                    forward(model, heard(ids.narrow(1, 0, 3)).withCache(cache));
                    assertThat(forward(model, heard(ids.narrow(1, 3, 2)).withCache(cache)).logits())
                            .isCloseTo(whole.narrow(1, 3, 2), ModelFamilyContract.ROUNDING);
                }
            });
        }

        @Test
        void beginsAsTheSettingsSay() {
            with(model -> {
                GenerationConfig plain = GenerationConfig.builder().decoderStartTokenId(2).maxNewTokens(2).build();
                Map<String, Object> forced = Map.of("forced_decoder_ids", List.of(List.of(1, 5), List.of(2, 6)));
                Map<String, Object> told = Map.of(
                        "language", "de", "lang_to_id", Map.of("<|en|>", 4, "<|de|>", 5), "task", "translate",
                        "task_to_id", Map.of("transcribe", 7, "translate", 6));
                ModelInputs sound = ModelInputs.of(Map.of("input_features", wave(2, 5, 12)));
                Generator generator = new Generator(model);
                for (Map<String, Object> other : List.of(forced, told)) {
                    assertThat(ids(generator, sound, plain.with().other(other).build()))
                            .isEqualTo(
                                    ids(generator, heard(Tensors.ofLongs(new long[][] {{2, 5, 6}, {2, 5, 6}})), plain));
                }
                Map<String, Object> silent = Map.of("lang_to_id", Map.of("<|en|>", 4, "<|de|>", 5));
                assertThat(ids(generator, sound, plain.with().other(silent).build())).hasSize(2);
                assertThatThrownBy(() -> ids(generator, sound, plain.with().other(Map.of("language", "xx")).build()))
                        .isInstanceOf(ConfigException.class).hasMessageContaining("xx");
            });
        }

        private List<List<Integer>> ids(Generator generator, ModelInputs inputs, GenerationConfig config) {
            return generator.generate(inputs, config, Controls.NONE).stream()
                    .map(rows -> java.util.Arrays.stream(rows.get(0).ids()).boxed().toList())
                    .toList();
        }

        @Test
        void refusesASpectrogramOfAnotherLength() {
            with(model -> assertThatThrownBy(() -> forward(model, labelled().with("input_features", wave(2, 5, 11))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("input_features"));
        }

        @Test
        void hidesPartsOfItsInputInTrainingOnly() {
            with(model -> {
                Tensor before = forward(model, labelled()).logits();
                model.network().train(true);
                assertThat(forward(model, labelled()).logits()).differsFrom(before, ModelFamilyContract.ROUNDING);
                model.network().train(false);
                assertThat(forward(model, labelled()).logits()).hasValuesOf(before);
            });
        }
    }

    /** Either kind of norm, with and without an adapter. */
    abstract static class Hearing extends SoundContract {
        Hearing(String more) {
            super("""
                    {"model_type": "wav2vec2", "architectures": ["Wav2Vec2ForCTC"], "vocab_size": 13, "hidden_size": 12,
                     "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 10, "conv_dim": [6, 8],
                     "conv_stride": [3, 2], "conv_kernel": [5, 2], "num_conv_pos_embeddings": 4,
                     "num_conv_pos_embedding_groups": 2, "mask_time_prob": 0.0, "pad_token_id": 0,
                     "ctc_loss_reduction": "mean"%s}
                    """.formatted(more), Task.CTC, "logits");
        }

        @Override
        protected ModelInputs labelled() {
            return ModelInputs.of(Map.of(
                    "input_values", wave(2, 70), "labels", Tensors.ofLongs(new long[][] {{3, 9}, {4, -100}})));
        }

        @Test
        void refusesTooFewSamples() {
            with(model -> assertThatThrownBy(() -> forward(model, labelled().with("input_values", wave(2, 5))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("samples"));
        }

        @Test
        void refusesLabelsThatAreNoTokens() {
            with(model -> assertThatThrownBy(() ->
                            forward(model, labelled().with("labels", Tensors.ofLongs(new long[][] {{13}, {1}}))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("labels"));
        }
    }

    @Nested
    final class Wav2Vec2 extends Hearing {
        Wav2Vec2() {
            super(", \"feat_extract_norm\": \"layer\", \"do_stable_layer_norm\": true, \"conv_bias\": true");
        }

        @Test
        void paddingOnTheRightChangesNothing() {
            with(model -> {
                Tensor whole = forward(model, ModelInputs.of(Map.of("input_values", wave(1, 70)))).logits();
                Tensor padded = forward(model, ModelInputs.of(Map.of(
                                "input_values", Tensors.cat(1, wave(1, 70), wave(1, 20)),
                                "attention_mask", Sample.mask(90, 0, 70))))
                        .logits();
                assertThat(padded.narrow(1, 0, whole.size(1))).isCloseTo(whole, ModelFamilyContract.ROUNDING);
            });
        }
    }

    @Nested
    final class Wav2Vec2WithAnAdapter extends Hearing {
        Wav2Vec2WithAnAdapter() {
            super(", \"add_adapter\": true, \"output_hidden_size\": 10, \"num_adapter_layers\": 1,"
                    + " \"adapter_stride\": 1, \"layerdrop\": 0.0");
        }

        @Override
        protected boolean refuses(Task kind) {
            return kind == Task.SEQUENCE_CLASSIFICATION;
        }
    }

    @Nested
    final class SpeechT5 extends SoundContract {
        SpeechT5() {
            super("""
                    {"model_type": "speecht5", "architectures": ["SpeechT5ForTextToSpeech"], "vocab_size": 13,
                     "hidden_size": 12, "encoder_layers": 2, "encoder_attention_heads": 3, "encoder_ffn_dim": 10,
                     "decoder_layers": 1, "decoder_attention_heads": 2, "decoder_ffn_dim": 14, "num_mel_bins": 5,
                     "speech_decoder_prenet_units": 7, "speech_decoder_prenet_dropout": 0.0, "speaker_embedding_dim": 6,
                     "speech_decoder_postnet_layers": 2, "speech_decoder_postnet_units": 8, "reduction_factor": 2,
                     "max_speech_positions": 30, "max_text_positions": 9, "encoder_max_relative_position": 3,
                     "pad_token_id": 1}
                    """, Task.TEXT_TO_SPEECH, "spectrogram");
        }

        /** The distance of spectrograms. */
        @Override
        protected Set<String> unknownOnMeta() {
            return Set.of("aten::abs");
        }

        @Override
        protected ModelInputs labelled() {
            return ModelInputs.of(Map.of(
                    "input_ids", Tensors.ofLongs(TOKENS), "speaker_embeddings", wave(2, 6), "labels", wave(2, 6, 5)));
        }

        @Test
        void speaksABatchAsItSpeaksEachTextAndFreesEveryNativeObject() {
            with(model -> {
                TextToSpeechModel speaker = (TextToSpeechModel) model;
                Ending ending = new Ending(2, 0, 3);
                ModelInputs both = ModelInputs.of(Map.of(
                        "input_ids", Tensors.ofLongs(TOKENS), "speaker_embeddings", wave(1, 6)));
                List<Tensor> together = speaker.generateSpeech(both, ending);
                assertThat(together).hasSize(2);
                for (int row = 0; row < 2; row++) {
                    ModelInputs one = both.with("input_ids", Tensors.ofLongs(new long[][] {TOKENS[row]}));
                    assertThat(speaker.generateSpeech(one, ending).get(0))
                            .isCloseTo(together.get(row), ModelFamilyContract.ROUNDING);
                }
                Handles.assertNoGrowth(() -> speaker.generateSpeech(both, ending));
            });
        }

        @Test
        void refusesAVoiceOfAnotherWidth() {
            with(model -> assertThatThrownBy(() -> forward(model, labelled().with("speaker_embeddings", wave(2, 7))))
                    .isInstanceOf(ShapeException.class).hasMessageContaining("speaker_embeddings"));
        }
    }

    @Nested
    final class FastSpeech2 extends SoundContract {
        FastSpeech2() {
            super("""
                    {"model_type": "fastspeech2_conformer", "architectures": ["FastSpeech2ConformerModel"],
                     "vocab_size": 13, "hidden_size": 8, "num_mel_bins": 5, "encoder_layers": 1,
                     "encoder_num_attention_heads": 2, "encoder_linear_units": 10, "encoder_kernel_size": 3,
                     "encoder_concat_after": true, "decoder_layers": 2, "decoder_num_attention_heads": 4,
                     "decoder_linear_units": 6, "decoder_kernel_size": 5, "decoder_normalize_before": true,
                     "duration_predictor_channels": 4, "pitch_predictor_channels": 6, "energy_predictor_channels": 4,
                     "pitch_predictor_layers": 1, "speech_decoder_postnet_layers": 2, "speech_decoder_postnet_units": 6,
                     "num_speakers": 3, "num_languages": 2, "speaker_embed_dim": 4}
                    """, Task.TEXT_TO_SPEECH, "spectrogram");
        }

        /** How long tokens are predicted to last is read back; the distance of spectrograms. */
        @Override
        protected Set<String> unknownOnMeta() {
            return Set.of("values", "aten::abs");
        }

        @Override
        protected boolean losesInTrainingOnly() {
            return true;
        }

        @Override
        protected ModelInputs labelled() {
            Tensor ids = Tensors.ofLongs(TOKENS);
            return ModelInputs.of(Map.of(
                    "input_ids", ids, "duration_labels",
                    Tensors.ofLongs(new long[][] {{1, 2, 1, 3, 2}, {2, 2, 2, 2, 1}}),
                    "pitch_labels", wave(2, 5, 1), "energy_labels", wave(2, 5, 1), "spectrogram_labels", wave(2, 9, 5),
                    "speaker_ids", Tensors.ofLongs(new long[] {0, 2}, 2, 1), "lang_ids",
                    Tensors.ofLongs(new long[] {1, 0}, 2, 1),
                    "speaker_embedding", wave(2, 4)));
        }

        @Test
        void aTrainingPassMovesTheRunningStatistics() {
            with(model -> {
                model.network().train(true);
                forward(model, labelled());
                Map<String, Tensor> tensors = model.network().tensors();
                assertThat(tensors.get("postnet.layers.0.norm.batches").item_long()).isEqualTo(1);
            });
        }

        @Test
        void trainingNeedsEveryLabel() {
            with(model -> {
                model.network().train(true);
                assertThatThrownBy(() -> forward(model, ModelInputs.of(Tensors.ofLongs(TOKENS))))
                        .isInstanceOf(ShapeException.class).hasMessageContaining("spectrogram_labels");
            });
        }
    }
}

package org.jformers.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.model.ConfigException;
import org.jformers.model.Decoding;
import org.jformers.model.Model;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Device;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jformers.text.tokenizer.SpokenLanguages;

/**
 * The tokens that the target of a speech recogniser begins with: start, language, task, and that there are no times,
 * unless there are. Source: arXiv:2212.04356, 2.3; the settings are those of transformers 5.18, {@code
 * WhisperGenerationMixin}.
 *
 * <p>The keys {@code language}, {@code task}, {@code lang_to_id}, {@code task_to_id}, {@code is_multilingual}, {@code
 * no_timestamps_token_id} and, in older folders, {@code forced_decoder_ids} of {@code generation_config.json} decide. A
 * language that nothing says is the one to which the model gives the highest score.
 */
final class SpeechStart {
    private static final List<String> TASKS = List.of("transcribe", "translate");

    private final Model model;
    private final ModelInputs inputs;
    private final long start;
    private final Map<String, Object> settings;

    private SpeechStart(Model model, ModelInputs inputs, long start, GenerationConfig config) {
        this.model = model;
        this.inputs = inputs;
        this.start = start;
        settings = config.other();
    }

    /** The first tokens of each row; all rows have equally many. */
    static long[][] of(Model model, ModelInputs inputs, long start, GenerationConfig config) {
        return new SpeechStart(model, inputs, start, config).rows();
    }

    private long[][] rows() {
        boolean says = settings.get("language") != null || settings.get("task") != null;
        if (says && Boolean.FALSE.equals(settings.get("is_multilingual"))) {
            throw new ConfigException(
                    "generation: got a language or a task for a model of one language, allowed neither"
                    + " (is_multilingual is false)");
        }
        List<Long> forced = says ? List.of() : forced();
        long[] languages = languages(forced);
        int batch = Math.toIntExact(inputs.find("input_features").orElseThrow().size(0));
        long[][] rows = new long[batch][];
        for (int row = 0; row < batch; row++) {
            List<Long> ids = new ArrayList<>();
            ids.add(start);
            ids.addAll(forced);
            if (languages.length > 0 && ids.size() > 1) {
                ids.set(1, languages[row]);
            } else if (languages.length > 0) {
                ids.add(languages[row]);
            }
            addTask(ids);
            endTimes(ids);
            rows[row] = ids.stream().filter(id -> id >= 0).mapToLong(Long::longValue).toArray();
        }
        return rows;
    }

    /** Tokens at the places 1, 2, ..., -1 for one that is left open. */
    private List<Long> forced() {
        Object own = settings.get("forced_decoder_ids");
        Object all = own == null ? model.config().other().get("forced_decoder_ids") : own;
        List<Long> ids = new ArrayList<>();
        if (all instanceof List<?> pairs) {
            for (Object pair : pairs) {
                if (!(pair instanceof List<?> two) || two.size() != 2 || id(two.get(0)) != ids.size() + 1) {
                    throw new ConfigException("generation: got forced_decoder_ids " + all
                            + ", allowed pairs of a place and a token, for the places 1, 2 and so on");
                }
                ids.add(two.get(1) == null ? -1 : id(two.get(1)));
            }
        }
        return ids;
    }

    /** The language of each row; empty for a model that knows of none, or where a forced token says it. */
    private long[] languages(List<Long> forced) {
        Object language = settings.get("language");
        if (language == null) {
            boolean open = forced.isEmpty() || forced.get(0) < 0;
            return open && settings.get("lang_to_id") instanceof Map<?, ?> known ? heard(known.values()) : new long[0];
        }
        int batch = Math.toIntExact(inputs.find("input_features").orElseThrow().size(0));
        List<Object> names = new ArrayList<>();
        if (language instanceof List<?> several) {
            names.addAll(several);
        } else {
            for (int row = 0; row < batch; row++) {
                names.add(language);
            }
        }
        if (names.size() != batch) {
            throw new ConfigException(
                    "generation: got " + names.size() + " languages, allowed one, or one for each of " + batch
                    + " rows");
        }
        return names.stream().mapToLong(this::languageId).toArray();
    }

    private long languageId(Object language) {
        String name = String.valueOf(language).toLowerCase(Locale.ROOT);
        Map<?, ?> known = settings.get("lang_to_id") instanceof Map<?, ?> map ? map : Map.of();
        for (String token : List.of(name, "<|" + SpokenLanguages.code(name).orElse(name) + "|>")) {
            if (known.containsKey(token)) {
                return id(known.get(token));
            }
        }
        throw new ConfigException("generation: got language " + language + ", allowed names, codes or tokens of "
                + known.keySet() + " (lang_to_id)");
    }

    /** The language that the model hears in each row, read off the scores behind the start token. */
    private long[] heard(Collection<?> languageIds) {
        long[] ids = languageIds.stream().mapToLong(SpeechStart::id).sorted().toArray();
        return Scopes.get(() -> {
            int count = Math.toIntExact(inputs.find("input_features").orElseThrow().size(0));
            try (NoGrad noGrad = new NoGrad();
                    Decoding decoding = model.decoding()) {
                List<Decoding.Reading> starts = Arrays.stream(decoding.begin(inputs, count))
                        .mapToObj(row -> new Decoding.Reading(row, new int[] {(int) start}, 1))
                        .toList();
                Tensor scores_BV = Tensors.to(decoding.read(starts), Device.CPU);
                long[] best = Tensors.toLongs(
                        scores_BV.index_select(1, Tensors.ofLongs(ids, ids.length)).argmax(
                                new org.bytedeco.pytorch.LongOptional(1), false));
                return Arrays.stream(best).map(i -> ids[(int) i]).toArray();
            }
        });
    }

    private void addTask(List<Long> ids) {
        Object task = settings.get("task");
        Map<?, ?> known = settings.get("task_to_id") instanceof Map<?, ?> map ? map : Map.of();
        if (task != null) {
            if (!TASKS.contains(task) || !known.containsKey(task)) {
                throw new ConfigException("generation: got task " + task + ", allowed " + TASKS
                        + " where task_to_id has them, it has " + known.keySet());
            }
            ids.add(id(known.get(task)));
        } else if (settings.get("language") != null && known.containsKey("transcribe")
                && known.values().stream().noneMatch(value -> ids.contains(id(value)))) {
            ids.add(id(known.get("transcribe")));
        }
    }

    /** The last token says that there are no times, and is not there if there are. */
    private void endTimes(List<Long> ids) {
        Object noTimes = settings.get("no_timestamps_token_id");
        if (noTimes == null) {
            return;
        }
        boolean said = ids.get(ids.size() - 1) == id(noTimes);
        boolean times = Boolean.TRUE.equals(settings.get(SpeechGenerator.TIMES));
        if (times && said) {
            ids.remove(ids.size() - 1);
        } else if (!times && !said) {
            ids.add(id(noTimes));
        }
    }

    private static long id(Object value) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        throw new ConfigException("generation: got " + value + " among the start tokens, allowed token ids");
    }
}

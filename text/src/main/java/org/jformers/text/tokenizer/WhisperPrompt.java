package org.jformers.text.tokenizer;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** What stands before Whisper's texts (arXiv:2212.04356): start, language, task, and that there are no times. */
final class WhisperPrompt {
    /** A time in a text, which decoding leaves out. */
    static final String TIME = "<\\|\\d+\\.\\d+\\|>";

    private static final List<String> TASKS = List.of("translate", "transcribe");
    private static final String LANGUAGES = " en english zh chinese zh mandarin de german es spanish es castilian"
            + " ru russian ko korean fr french ja japanese pt portuguese tr turkish pl polish ca catalan ca valencian"
            + " nl dutch nl flemish ar arabic sv swedish it italian id indonesian hi hindi fi finnish vi vietnamese"
            + " he hebrew uk ukrainian el greek ms malay cs czech ro romanian ro moldavian ro moldovan da danish"
            + " hu hungarian ta tamil no norwegian th thai ur urdu hr croatian bg bulgarian lt lithuanian la latin"
            + " mi maori ml malayalam cy welsh sk slovak te telugu fa persian lv latvian bn bengali sr serbian"
            + " az azerbaijani sl slovenian kn kannada et estonian mk macedonian br breton eu basque is icelandic"
            + " hy armenian ne nepali mn mongolian bs bosnian kk kazakh sq albanian sw swahili gl galician mr marathi"
            + " pa punjabi pa panjabi si sinhala si sinhalese km khmer sn shona yo yoruba so somali af afrikaans"
            + " oc occitan ka georgian be belarusian tg tajik sd sindhi gu gujarati am amharic yi yiddish lo lao"
            + " uz uzbek fo faroese ht haitian ps pashto ps pushto tk turkmen nn nynorsk mt maltese sa sanskrit"
            + " lb luxembourgish lb letzeburgesch my myanmar my burmese bo tibetan tl tagalog mg malagasy as assamese"
            + " tt tatar haw hawaiian ln lingala ha hausa ba bashkir jw javanese su sundanese yue cantonese ";

    private WhisperPrompt() {}

    /** The beginning of the template, which ends with a space. */
    static String template(TokenizerBuild build) {
        StringBuilder template = new StringBuilder();
        append(template, build, "<|startoftranscript|>");
        String language = build.settings().config().path("language").asText("").toLowerCase(Locale.ROOT);
        if (build.settings().config().hasNonNull("language")) {
            append(template, build, "<|" + code(language) + "|>");
        }
        if (build.settings().config().hasNonNull("task")) {
            String task = build.settings().config().get("task").asText();
            if (!TASKS.contains(task)) {
                throw new TokenizerException("task must be one of " + TASKS + ", got \"" + task
                        + "\", in tokenizer_config.json");
            }
            append(template, build, "<|" + task + "|>");
        }
        if (!build.settings().flag("predict_timestamps", false)) {
            append(template, build, "<|notimestamps|>");
        }
        return template.toString();
    }

    /** Ids from the start of the transcript on where they begin with an earlier text; nothing without a start. */
    static int[] without(int[] ids, Tokenizer tokenizer) {
        OptionalInt earlier = tokenizer.id("<|startofprev|>");
        if (ids.length == 0 || earlier.isEmpty() || ids[0] != earlier.getAsInt()) {
            return ids;
        }
        int start = tokenizer.id("<|startoftranscript|>").orElse(Vocabulary.NONE);
        int from = 0;
        while (from < ids.length && ids[from] != start) {
            from++;
        }
        return Arrays.copyOfRange(ids, from, ids.length);
    }

    /** A token that the vocabulary lacks is the unknown one. */
    private static void append(StringBuilder template, TokenizerBuild build, String token) {
        template.append(build.has(token) ? token : "unk_token").append(":0 ");
    }

    private static String code(String language) {
        int name = LANGUAGES.indexOf(" " + language + " ");
        if (name < 0 || language.isEmpty()) {
            throw new TokenizerException("language must be a name or code of a language that Whisper knows, got \""
                    + language + "\", in tokenizer_config.json");
        }
        String before = LANGUAGES.substring(0, name);
        boolean isCode = before.split(" +").length % 2 == 1;
        return isCode ? language : before.substring(before.lastIndexOf(' ') + 1);
    }
}

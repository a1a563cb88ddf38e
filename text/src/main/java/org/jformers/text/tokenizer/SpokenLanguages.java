package org.jformers.text.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The languages that Whisper knows (arXiv:2212.04356), by their codes and English names. */
public final class SpokenLanguages {
    private static final String ALL =
            "en=english zh=chinese,mandarin de=german es=spanish,castilian ru=russian ko=korean fr=french "
            + "ja=japanese pt=portuguese tr=turkish pl=polish ca=catalan,valencian nl=dutch,flemish ar=arabic "
            + "sv=swedish it=italian id=indonesian hi=hindi fi=finnish vi=vietnamese he=hebrew uk=ukrainian "
            + "el=greek ms=malay cs=czech ro=romanian,moldavian,moldovan da=danish hu=hungarian ta=tamil "
            + "no=norwegian th=thai ur=urdu hr=croatian bg=bulgarian lt=lithuanian la=latin mi=maori ml=malayalam "
            + "cy=welsh sk=slovak te=telugu fa=persian lv=latvian bn=bengali sr=serbian az=azerbaijani sl=slovenian "
            + "kn=kannada et=estonian mk=macedonian br=breton eu=basque is=icelandic hy=armenian ne=nepali "
            + "mn=mongolian bs=bosnian kk=kazakh sq=albanian sw=swahili gl=galician mr=marathi pa=punjabi,panjabi "
            + "si=sinhala,sinhalese km=khmer sn=shona yo=yoruba so=somali af=afrikaans oc=occitan ka=georgian "
            + "be=belarusian tg=tajik sd=sindhi gu=gujarati am=amharic yi=yiddish lo=lao uz=uzbek fo=faroese "
            + "ht=haitian_creole,haitian ps=pashto,pushto tk=turkmen nn=nynorsk mt=maltese sa=sanskrit "
            + "lb=luxembourgish,letzeburgesch my=myanmar,burmese bo=tibetan tl=tagalog mg=malagasy as=assamese "
            + "tt=tatar haw=hawaiian ln=lingala ha=hausa ba=bashkir jw=javanese su=sundanese yue=cantonese";

    /** Names by code, the usual one first. */
    private static final Map<String, List<String>> NAMES = names();

    private SpokenLanguages() {}

    private static Map<String, List<String>> names() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (String language : ALL.split(" ")) {
            int end = language.indexOf('=');
            names.put(language.substring(0, end),
                    List.of(language.substring(end + 1).replace('_', ' ').split(",")));
        }
        return names;
    }

    /** The English name of a code such as {@code de}; empty if Whisper knows none. */
    public static Optional<String> name(String code) {
        return Optional.ofNullable(NAMES.get(code)).map(names -> names.get(0));
    }

    /** The code of a language by code or English name, in letters of any size; empty if Whisper knows none. */
    public static Optional<String> code(String nameOrCode) {
        String wanted = nameOrCode.toLowerCase(Locale.ROOT);
        return NAMES.entrySet().stream()
                .filter(entry -> entry.getKey().equals(wanted) || entry.getValue().contains(wanted))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}

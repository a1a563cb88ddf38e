package org.jformers.text.regex;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;

/** Classes of characters by name, with the data of Unicode 16; scripts and blocks are those of the JDK. */
public final class UnicodeProperty {
    private static final String LONG_NAMES = "letter L casedletter LC uppercaseletter Lu lowercaseletter Ll"
            + " titlecaseletter Lt modifierletter Lm otherletter Lo mark M nonspacingmark Mn spacingmark Mc"
            + " enclosingmark Me number N decimalnumber Nd letternumber Nl othernumber No punctuation P"
            + " connectorpunctuation Pc dashpunctuation Pd openpunctuation Ps closepunctuation Pe"
            + " initialpunctuation Pi finalpunctuation Pf otherpunctuation Po symbol S mathsymbol Sm"
            + " currencysymbol Sc modifiersymbol Sk othersymbol So separator Z spaceseparator Zs lineseparator Zl"
            + " paragraphseparator Zp other C control Cc format Cf privateuse Co unassigned Cn surrogate Cs";

    private static final Map<String, BitSet> TABLE = read();
    private static final Map<String, BitSet> KNOWN = known();

    /** General category L, that is letters. */
    public static final IntPredicate LETTER = set("l");
    /** General category N: decimal digits, letter numbers and other numbers. */
    public static final IntPredicate NUMBER = set("n");
    /** The property White_Space. */
    public static final IntPredicate SPACE = set("space");

    private UnicodeProperty() {}

    /** The set of characters with one of the names that every Unicode has. */
    static IntPredicate set(String name) {
        return Objects.requireNonNull(KNOWN.get(name), name)::get;
    }

    /** The class with a name, as it stands in {@code \p{name}}, if there is one. */
    static Optional<IntPredicate> named(String name) {
        String key = key(name);
        BitSet known = KNOWN.get(key);
        if (known != null) {
            return Optional.of(known::get);
        }
        try {
            if (key.startsWith("in")) {
                return Optional.ofNullable(Blocks.BY_KEY.get(key.substring(2)))
                        .map(block -> c -> Character.UnicodeBlock.of(c) == block);
            }
            Character.UnicodeScript script = Character.UnicodeScript.forName(name.replace(' ', '_').replace('-', '_'));
            return Optional.of(c -> Character.UnicodeScript.of(c) == script);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The blocks of the JDK by their names without spaces; a holder, for few ask for them. */
    private static final class Blocks {
        static final Map<String, Character.UnicodeBlock> BY_KEY = new HashMap<>();

        static {
            Character.UnicodeBlock last = null;
            for (int c = 0; c <= Character.MAX_CODE_POINT; c += 16) {
                Character.UnicodeBlock block = Character.UnicodeBlock.of(c);
                if (block != null && block != last) {
                    BY_KEY.put(key(block.toString()), block);
                }
                last = block;
            }
        }
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
    }

    private static Map<String, BitSet> known() {
        Map<String, BitSet> sets = new HashMap<>();
        TABLE.forEach((name, set) -> sets.put(key(name), set));
        BitSet surrogates = range(Character.MIN_SURROGATE, Character.MAX_SURROGATE);
        sets.put("cs", surrogates);
        for (String major : new String[] {"L", "M", "N", "P", "S", "Z", "C"}) {
            sets.put(key(major), union(TABLE.entrySet().stream()
                    .filter(entry -> entry.getKey().length() == 2 && entry.getKey().startsWith(major))
                    .map(Map.Entry::getValue)
                    .toArray(BitSet[]::new)));
        }
        sets.put("lc", union(sets, "lu", "ll", "lt"));
        BitSet any = range(0, Character.MAX_CODE_POINT);
        BitSet assigned = union(union(sets, "l", "m", "n", "p", "s", "z", "c"), surrogates);
        sets.put("any", any);
        sets.put("assigned", assigned);
        sets.put("cn", without(any, assigned));
        sets.put("c", union(union(sets, "c", "cn"), surrogates));
        sets.put("ascii", range(0, 0x7F));
        sets.put("lower", union(sets, "ll", "otherlowercase"));
        sets.put("upper", union(sets, "lu", "otheruppercase"));
        sets.put("alpha", union(sets, "l", "nl", "otheralphabetic"));
        sets.put("digit", sets.get("nd"));
        sets.put("alnum", union(sets, "alpha", "nd"));
        sets.put("space", union(union(sets, "z"), range(9, 0xD), range(0x85, 0x85)));
        sets.put("blank", union(union(sets, "zs"), range(9, 9)));
        sets.put("cntrl", sets.get("cc"));
        sets.put("punct", sets.get("p"));
        sets.put("graph", without(without(assigned, surrogates), union(sets, "space", "cc")));
        sets.put("print", union(sets, "graph", "zs"));
        sets.put("xdigit", union(range('0', '9'), range('A', 'F'), range('a', 'f')));
        sets.put("word", union(sets, "alpha", "m", "nd", "pc"));
        sets.put("lowercase", sets.get("lower"));
        sets.put("uppercase", sets.get("upper"));
        sets.put("alphabetic", sets.get("alpha"));
        sets.put("whitespace", sets.get("space"));
        String[] names = LONG_NAMES.split(" ");
        for (int i = 0; i < names.length; i += 2) {
            sets.put(names[i], sets.get(key(names[i + 1])));
        }
        return sets;
    }

    private static BitSet range(int first, int last) {
        BitSet set = new BitSet();
        set.set(first, last + 1);
        return set;
    }

    private static BitSet union(BitSet... parts) {
        BitSet all = new BitSet();
        for (BitSet part : parts) {
            all.or(part);
        }
        return all;
    }

    /** The characters of all sets with these names. */
    private static BitSet union(Map<String, BitSet> sets, String... names) {
        return union(Arrays.stream(names)
                .map(name -> Objects.requireNonNull(sets.get(name), name))
                .toArray(BitSet[]::new));
    }

    private static BitSet without(BitSet set, BitSet removed) {
        BitSet rest = (BitSet) set.clone();
        rest.andNot(removed);
        return rest;
    }

    private static Map<String, BitSet> read() {
        Map<String, BitSet> table = new HashMap<>();
        try (InputStream stream = UnicodeProperty.class.getResourceAsStream("unicode.txt");
                BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII))) {
            BitSet current = new BitSet();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("[")) {
                    current = new BitSet();
                    table.put(line.substring(1, line.length() - 1), current);
                } else if (!line.startsWith("#")) {
                    for (String range : line.split(" ")) {
                        String[] ends = range.split("-");
                        current.set(Integer.parseInt(ends[0], 16), Integer.parseInt(ends[ends.length - 1], 16) + 1);
                    }
                }
            }
            return table;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jformers.text.WorkBudget;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Byte-pair encoding: a word starts as single characters, and the pair whose merge was learned first is merged until
 * none is left. Source: Sennrich et al., arXiv:1508.07909; options as in tokenizer.json.
 */
final class Bpe implements Model {
    private static final Logger LOG = LoggerFactory.getLogger(Bpe.class);

    private final Vocabulary vocabulary;
    private final List<String[]> merges;
    private final PairTable rules;
    private final int[] characterIds;
    /** Of every byte; empty where bytes stand for nothing. */
    private final int[] byteIds;
    private final String prefix;
    private final String suffix;
    private final Optional<String> unknownToken;
    private final int unknown;
    private final boolean fuseUnknown;
    private final boolean ignoreMerges;

    private Bpe(Component component) {
        vocabulary = Vocabulary.of(component.object("vocab"));
        prefix = component.text("continuing_subword_prefix", "");
        suffix = component.text("end_of_word_suffix", "");
        fuseUnknown = component.nullableFlag("fuse_unk", false);
        ignoreMerges = component.nullableFlag("ignore_merges", false);
        unknownToken = component.optionalText("unk_token");
        unknown = unknownToken.map(vocabulary::id).orElse(Vocabulary.NONE);
        byteIds = component.nullableFlag("byte_fallback", false) ? byteIds() : new int[0];
        characterIds = vocabulary.idsOfCharacters();
        merges = merges(component);
        rules = rules();
        double dropout = component.has("dropout") ? dropout(component) : 0;
        if (dropout > 0) {
            LOG.warn("BPE dropout {} is for training a model; encoding here is deterministic without it",
                    component.node().get("dropout"));
        }
    }

    static Bpe of(Component component) {
        return new Bpe(component);
    }

    @Override
    public void tokenize(Text word, TokenSink out) {
        if (ignoreMerges) {
            int id = vocabulary.id(word.toString());
            if (id != Vocabulary.NONE) {
                out.add(id, 0, word.length());
                return;
            }
        }
        word.budget.spend(word.length());
        MergeSequence symbols = new MergeSequence(word.length() + 8);
        start(word, symbols);
        symbols.mergeAll(rules);
        symbols.emit(out);
    }

    @Override
    public int id(String token) {
        return vocabulary.id(token);
    }

    @Override
    public @Nullable String token(int id) {
        return vocabulary.token(id);
    }

    @Override
    public int limit() {
        return vocabulary.limit();
    }

    @Override
    public int size() {
        return vocabulary.size();
    }

    @Override
    public void write(ObjectNode model) {
        model.put("type", "BPE");
        model.set("vocab", vocabulary.toJson());
        ArrayNode list = model.putArray("merges");
        merges.forEach(merge -> list.addArray().add(merge[0]).add(merge[1]));
    }

    /** The word as single characters, bytes where a character is unknown, and the unknown token where that fails. */
    private void start(Text word, MergeSequence symbols) {
        boolean dropped = false;
        int pending = -1; // where the unknown token that is not yet added begins
        int pendingEnd = -1;
        for (int i = 0; i < word.length(); i++) {
            int c = word.at(i);
            String decorated = decorated(c, i, word.length());
            word.budget.spend(decorated == null ? 0 : decorated.length());
            int id = decorated != null ? vocabulary.id(decorated) : characterId(c);
            if (id != Vocabulary.NONE) {
                if (pending >= 0) {
                    symbols.add(unknown, pending, pendingEnd);
                    pending = -1;
                }
                symbols.add(id, i, i + 1);
                continue;
            }
            if (byteIds.length > 0
                    && addBytes(decorated != null ? decorated : Character.toString(c), i, symbols, word.budget)) {
                dropped |= pending >= 0; // the unknown token comes after the bytes
                continue;
            }
            if (unknown == Vocabulary.NONE) {
                refuseMissingUnknown();
                dropped = true;
                continue;
            }
            if (pending >= 0 && !fuseUnknown) {
                symbols.add(unknown, pending, pendingEnd);
                pending = -1;
            }
            pending = pending < 0 ? i : pending;
            pendingEnd = i + 1;
        }
        if (pending >= 0) {
            symbols.add(unknown, pending, pendingEnd);
        }
        if (dropped) {
            symbols.closeGaps(word);
        }
    }

    private void refuseMissingUnknown() {
        if (unknownToken.isPresent()) {
            throw new TokenizerException("model BPE: a character is not in the vocabulary, and neither is unk_token \""
                    + unknownToken.get() + "\"");
        }
    }

    /** The character with prefix or suffix, null where it has neither. */
    private @Nullable String decorated(int c, int index, int length) {
        boolean continuing = index > 0 && !prefix.isEmpty();
        boolean ending = index == length - 1 && !suffix.isEmpty();
        if (!continuing && !ending) {
            return null;
        }
        return (continuing ? prefix : "") + Character.toString(c) + (ending ? suffix : "");
    }

    private int characterId(int c) {
        return c < characterIds.length ? characterIds[c] : vocabulary.id(Character.toString(c));
    }

    private boolean addBytes(String text, int place, MergeSequence symbols, WorkBudget budget) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        budget.spend(bytes.length);
        budget.room((long) symbols.size() + bytes.length);
        for (byte b : bytes) {
            if (byteIds[b & 0xFF] == Vocabulary.NONE) {
                return false;
            }
        }
        for (byte b : bytes) {
            symbols.add(byteIds[b & 0xFF], place, place + 1);
        }
        return true;
    }

    private int[] byteIds() {
        int[] ids = new int[256];
        for (int b = 0; b < ids.length; b++) {
            ids[b] = vocabulary.id(String.format("<0x%02X>", b));
        }
        return ids;
    }

    private PairTable rules() {
        PairTable table = new PairTable(merges.size());
        for (int rank = 0; rank < merges.size(); rank++) {
            String[] merge = merges.get(rank);
            String joined = merge[0] + withoutPrefix(merge[1], rank);
            table.put(known(merge[0], rank), known(merge[1], rank), rank, known(joined, rank));
        }
        return table;
    }

    /** The second part without as many bytes as the prefix has, whatever they are, as the reference cuts it. */
    private String withoutPrefix(String part, int rank) {
        if (part.startsWith(prefix)) {
            return part.substring(prefix.length());
        }
        byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
        int cut = prefix.getBytes(StandardCharsets.UTF_8).length;
        if (cut > bytes.length || (cut < bytes.length && (bytes[cut] & 0xC0) == 0x80)) {
            throw new TokenizerException("model BPE: the second part of merge " + (rank + 1) + ", \"" + part
                    + "\", must begin with the continuing_subword_prefix \"" + prefix + "\"");
        }
        return new String(bytes, cut, bytes.length - cut, StandardCharsets.UTF_8);
    }

    private static double dropout(Component component) {
        JsonNode dropout = component.node().get("dropout");
        if (!dropout.isNumber() || dropout.doubleValue() < 0 || dropout.doubleValue() > 1) {
            throw component.error("dropout must be a number from 0 to 1, got " + dropout);
        }
        return dropout.doubleValue();
    }

    private int known(String token, int rank) {
        int id = vocabulary.id(token);
        if (id == Vocabulary.NONE) {
            throw new TokenizerException(
                    "model BPE: merge " + (rank + 1) + " names \"" + token + "\", which is not in the vocabulary");
        }
        return id;
    }

    private static List<String[]> merges(Component component) {
        List<String[]> merges = new ArrayList<>();
        List<JsonNode> list = component.list("merges");
        boolean lines = !list.isEmpty() && list.get(0).isTextual();
        for (JsonNode merge : list) {
            if (lines && merge.isTextual() && merge.textValue().startsWith("#version")) {
                continue;
            }
            String[] pair = {};
            if (lines && merge.isTextual()) {
                pair = merge.textValue().split(" ", -1);
            } else if (!lines && merge.isArray() && merge.path(0).isTextual() && merge.path(1).isTextual()) {
                pair = new String[merge.size()];
                Arrays.setAll(pair, i -> merge.get(i).asText());
            }
            if (pair.length != 2) {
                throw component.error("merge " + (merges.size() + 1) + " must be two tokens, got " + merge);
            }
            merges.add(pair);
        }
        return merges;
    }
}

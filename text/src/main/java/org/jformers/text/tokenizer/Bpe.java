package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jformers.text.WorkBudget;
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
    private final int[] byteIds;
    private final String prefix;
    private final String suffix;
    private final String unknownToken;
    private final int unknown;
    private final boolean fuseUnknown;
    private final boolean ignoreMerges;

    private Bpe(Component component) {
        vocabulary = Vocabulary.of(component.object("vocab"));
        prefix = component.text("continuing_subword_prefix", "");
        suffix = component.text("end_of_word_suffix", "");
        fuseUnknown = component.flag("fuse_unk", false);
        ignoreMerges = component.flag("ignore_merges", false);
        unknownToken = component.text("unk_token", "");
        unknown = vocabulary.id(unknownToken);
        byteIds = component.flag("byte_fallback", false) ? byteIds() : null;
        characterIds = vocabulary.idsOfCharacters();
        merges = merges(component);
        rules = rules();
        if (component.node().path("dropout").asDouble(0) > 0) {
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
    public String token(int id) {
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
            if (byteIds != null
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
        if (!unknownToken.isEmpty()) {
            throw new TokenizerException("model BPE: a character is not in the vocabulary, and neither is unk_token \""
                    + unknownToken + "\"");
        }
    }

    /** The character with prefix or suffix, null where it has neither. */
    private String decorated(int c, int index, int length) {
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
            String joined = merge[0] + (merge[1].startsWith(prefix) ? merge[1].substring(prefix.length()) : merge[1]);
            table.put(known(merge[0], rank), known(merge[1], rank), rank, known(joined, rank));
        }
        return table;
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
        for (JsonNode merge : component.list("merges")) {
            String[] pair = merge.isArray() && merge.size() == 2
                    ? new String[] {merge.get(0).asText(), merge.get(1).asText()}
                    : merge.asText().split(" ", -1);
            if (pair.length != 2) {
                throw component.error("merge " + (merges.size() + 1) + " must be two tokens, got " + merge);
            }
            merges.add(pair);
        }
        return merges;
    }
}

package org.jformers.text.tokenizer;

import java.util.ArrayList;
import java.util.List;
import org.jformers.text.WorkBudget;

/** The pieces that a decoder makes, paid for by their length, which all together is limited. */
final class DecodedTokens {
    private final List<String> pieces;
    private final WorkBudget budget;
    private long length;

    DecodedTokens(int capacity, WorkBudget budget) {
        pieces = new ArrayList<>(capacity);
        this.budget = budget;
    }

    /** The same pieces, paid for. */
    static List<String> of(List<String> pieces, WorkBudget budget) {
        DecodedTokens paid = new DecodedTokens(0, budget);
        pieces.forEach(paid::pay);
        return pieces;
    }

    void add(String piece) {
        pay(piece);
        pieces.add(piece);
    }

    private void pay(String piece) {
        length += 1 + piece.length();
        budget.spend(1 + piece.length());
        budget.room(length);
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    int size() {
        return pieces.size();
    }

    List<String> list() {
        return pieces;
    }
}

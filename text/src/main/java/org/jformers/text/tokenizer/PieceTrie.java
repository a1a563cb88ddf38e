package org.jformers.text.tokenizer;

import java.util.Arrays;

/** A trie over code points that finds all pieces of a vocabulary that begin at a place. */
public final class PieceTrie {
    /** Most texts are of characters below this, and every search begins with one: what they lead to needs no hash. */
    private static final int COMMON = 0x250;

    private final PairTable children;
    /** The children of the root by their characters; what the table of children has too. */
    private final int[] common = new int[COMMON];
    private final int[] ids;
    private int nodes = 1;

    /** @param characters sum of the lengths of the pieces that will be added */
    public PieceTrie(int characters) {
        children = new PairTable(characters + 1);
        ids = new int[characters + 2];
        Arrays.fill(ids, Vocabulary.NONE);
        Arrays.fill(common, -1);
    }

    /** Adds a piece, or gives it another id. */
    public void add(String piece, int id) {
        int node = 0;
        for (int c : piece.codePoints().toArray()) {
            int slot = children.find(node, c);
            if (slot < 0) {
                children.put(node, c, 0, nodes);
                if (node == 0 && c < COMMON) {
                    common[c] = nodes;
                }
                node = nodes++;
            } else {
                node = children.result(slot);
            }
        }
        ids[node] = id;
    }

    /** The child of a node by a character, -1 without one; the root is 0. */
    public int child(int node, int c) {
        if (node == 0 && c < COMMON) {
            return common[c];
        }
        int slot = children.find(node, c);
        return slot < 0 ? -1 : children.result(slot);
    }

    /** The id of the piece that ends at a node, -1 without one. */
    public int id(int node) {
        return ids[node];
    }
}

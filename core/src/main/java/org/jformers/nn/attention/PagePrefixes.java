package org.jformers.nn.attention;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Full pages by the tokens in them and before them: a tree whose paths are beginnings of texts. It is a user of each of
 * its pages, so that they stay when their rows have gone, until somebody needs pages: then those go that nobody else
 * uses and no other follows, the least recently used first. Pure bookkeeping. Source: arXiv:2312.07104, 3.
 */
final class PagePrefixes {
    private final PageAllocator pool;
    private final int pageTokens;
    private final Map<IntBuffer, Node> first = new HashMap<>();
    /** All of them, the least recently used first. */
    private final Set<Node> all = new LinkedHashSet<>();

    /** A page behind those before it: one of several that may follow, by its tokens. */
    private static final class Node {
        private final int page;
        private final Map<IntBuffer, Node> among;
        private final IntBuffer tokens;
        private final Map<IntBuffer, Node> next = new HashMap<>();

        Node(int page, Map<IntBuffer, Node> among, IntBuffer tokens) {
            this.page = page;
            this.among = among;
            this.tokens = tokens;
        }
    }

    PagePrefixes(PageAllocator pool, int pageTokens) {
        this.pool = pool;
        this.pageTokens = pageTokens;
    }

    /** The pages that have the beginning of a text, as far as there are any; each has one user more. */
    int[] find(int[] text) {
        List<Integer> pages = new ArrayList<>();
        Map<IntBuffer, Node> among = first;
        for (int page = 0; page < text.length / pageTokens; page++) {
            Node node = among.get(tokens(text, page));
            if (node == null) {
                break;
            }
            use(node);
            pool.share(node.page);
            pages.add(node.page);
            among = node.next;
        }
        return pages.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * Remembers the full pages of a text; where another page has the same tokens already, it stays that one.
     *
     * @param pages the text's pages, in order
     */
    void remember(int[] text, int[] pages) {
        Map<IntBuffer, Node> among = first;
        for (int page = 0; page < text.length / pageTokens; page++) {
            IntBuffer tokens = tokens(text, page);
            Node node = among.get(tokens);
            if (node == null) {
                node = new Node(pages[page], among, tokens);
                among.put(tokens, node);
                pool.share(node.page);
            }
            use(node);
            among = node.next;
        }
    }

    private void use(Node node) {
        all.remove(node);
        all.add(node);
    }

    /** The tokens of a page, which compare by what they are. */
    private IntBuffer tokens(int[] text, int page) {
        return IntBuffer.wrap(Arrays.copyOfRange(text, page * pageTokens, (page + 1) * pageTokens));
    }

    /** Lets pages go until so many are free, as far as nobody else uses them. */
    void free(int wanted) {
        boolean more = true;
        while (more && pool.frees() < wanted) {
            Optional<Node> oldest =
                    all.stream().filter(node -> node.next.isEmpty() && pool.isOwn(node.page)).findFirst();
            oldest.ifPresent(node -> {
                all.remove(node);
                node.among.remove(node.tokens);
                pool.release(node.page);
            });
            more = oldest.isPresent();
        }
    }

    /** The pages that it remembers, the least recently used first. */
    List<Integer> pages() {
        return all.stream().map(node -> node.page).toList();
    }
}

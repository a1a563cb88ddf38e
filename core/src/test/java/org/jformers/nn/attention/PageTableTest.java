package org.jformers.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;

/**
 * Pages against a plain model, under random operations: each row has a list of tokens of its own and nothing is shared;
 * what is remembered is a list of texts in the order of their use.
 */
final class PageTableTest {
    private static final int PAGE = 3;
    private static final int PAGES = 14;

    private enum Kind { ADD, WRITE, FORK, TRUNCATE, REMOVE, FREE }

    /**
     * Something that happens.
     *
     * @param row which row, modulo how many there are
     * @param count a length, or how many pages
     * @param tokens of few kinds, so that texts begin alike
     */
    private record Step(Kind kind, int row, int count, int[] tokens) {
        @Override
        public String toString() {
            return kind + " " + row + " " + count + " " + Arrays.toString(tokens);
        }
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Kind> kinds = Arbitraries.frequency(
                Tuple.of(2, Kind.ADD), Tuple.of(6, Kind.WRITE),
                Tuple.of(2, Kind.FORK), Tuple.of(2, Kind.TRUNCATE),
                Tuple.of(2, Kind.REMOVE), Tuple.of(1, Kind.FREE));
        Arbitrary<int[]> tokens = Arbitraries.integers().between(0, 1).array(int[].class).ofMaxSize(3 * PAGE);
        return Combinators.combine(kinds, Arbitraries.integers().between(0, 9), Arbitraries.integers().between(0, 12),
                tokens).as(Step::new).list().ofMaxSize(80);
    }

    /** Rows and what a reader would find in their pages. */
    private static final class Pool {
        private final PageAllocator allocator = new PageAllocator(PAGES);
        private final PagePrefixes prefixes = new PagePrefixes(allocator, PAGE);
        private final Map<Integer, int[]> memory = new HashMap<>();
        private final List<PageTable> tables = new ArrayList<>();
        private final List<List<Integer>> plain = new ArrayList<>();
        /** Texts of full pages, with the page that has the last of their tokens; the least recently used first. */
        private final Map<List<Integer>, Integer> remembered = new LinkedHashMap<>();
        private boolean full;
        private boolean recalled;
        private boolean forgotten;

        void make(Step step) {
            int row = tables.isEmpty() ? 0 : step.row() % tables.size();
            if (step.kind() == Kind.ADD || tables.isEmpty()) {
                add(step.tokens());
            } else {
                switch (step.kind()) {
                    case WRITE -> write(row, step.tokens());
                    case FORK -> fork(row);
                    case TRUNCATE -> truncate(row, step.count());
                    case REMOVE -> remove(row);
                    default -> free(step.count());
                }
            }
            check();
        }

        /** A row that is to read a text: it begins with as much of it as is remembered. */
        void add(int[] text) {
            int[] pages = prefixes.find(text);
            PageTable table = new PageTable(allocator, PAGE);
            table.begin(pages);
            tables.add(table);
            List<Integer> wanted = IntStream.of(text).boxed().toList();
            int known = 0;
            while ((known + 1) * PAGE <= text.length && remembered.containsKey(wanted.subList(0, (known + 1) * PAGE))) {
                known++;
                used(wanted.subList(0, known * PAGE));
            }
            assertThat(pages).hasSize(known);
            recalled |= known > 0;
            plain.add(new ArrayList<>(wanted.subList(0, known * PAGE)));
        }

        private void used(List<Integer> text) {
            remembered.put(text, remembered.remove(text));
        }

        void write(int row, int[] tokens) {
            PageTable table = tables.get(row);
            long before = table.length();
            int[] pages = table.pages();
            free(table.needed(tokens.length));
            int free = allocator.frees();
            try {
                table.reserve(tokens.length, (from, to) -> memory.put(to, memory.get(from).clone()));
            } catch (JformersException e) {
                assertThat(table.length()).isEqualTo(before);
                assertThat(table.pages()).isEqualTo(pages);
                assertThat(allocator.frees()).isEqualTo(free).isLessThan(table.needed(tokens.length));
                full = true;
                return;
            }
            for (int i = 0; i < tokens.length; i++) {
                long place = before + i;
                int page = table.page(place);
                assertThat(allocator.isOwn(page)).as("a page that is written to").isTrue();
                memory.computeIfAbsent(page, p -> new int[PAGE])[(int) (place % PAGE)] = tokens[i];
                plain.get(row).add(tokens[i]);
            }
            table.advance(tokens.length);
            remember(row);
        }

        private void remember(int row) {
            List<Integer> text = plain.get(row);
            int[] pages = tables.get(row).pages();
            prefixes.remember(text.stream().mapToInt(Integer::intValue).toArray(), pages);
            for (int page = 0; page < text.size() / PAGE; page++) {
                List<Integer> beginning = List.copyOf(text.subList(0, (page + 1) * PAGE));
                remembered.putIfAbsent(beginning, pages[page]);
                used(beginning);
            }
        }

        void fork(int row) {
            tables.add(tables.get(row).fork());
            plain.add(new ArrayList<>(plain.get(row)));
        }

        void truncate(int row, int length) {
            tables.get(row).truncate(length);
            plain.set(row, new ArrayList<>(plain.get(row).subList(0, Math.min(length, plain.get(row).size()))));
        }

        void remove(int row) {
            tables.remove(row).truncate(0);
            plain.remove(row);
        }

        /** Ends of texts that no row uses go, the least recently used first, until there are enough pages. */
        void free(int wanted) {
            int free = allocator.frees();
            prefixes.free(wanted);
            Optional<List<Integer>> next = free < wanted ? oldest() : Optional.empty();
            while (next.isPresent()) {
                remembered.remove(next.get());
                forgotten = true;
                free++;
                next = free < wanted ? oldest() : Optional.empty();
            }
            assertThat(allocator.frees()).isEqualTo(free);
        }

        private Optional<List<Integer>> oldest() {
            return remembered.keySet().stream().filter(text -> !usedByRows(remembered.get(text))
                    && remembered.keySet().stream().noneMatch(other -> other.size() > text.size()
                            && other.subList(0, text.size()).equals(text))).findFirst();
        }

        private boolean usedByRows(int page) {
            return tables.stream().anyMatch(table -> IntStream.of(table.pages()).anyMatch(one -> one == page));
        }

        void check() {
            Map<Integer, Integer> users = new HashMap<>();
            for (int row = 0; row < tables.size(); row++) {
                PageTable table = tables.get(row);
                List<Integer> read = new ArrayList<>();
                for (long place = 0; place < table.length(); place++) {
                    read.add(memory.get(table.page(place))[(int) (place % PAGE)]);
                }
                assertThat(read).isEqualTo(plain.get(row));
                Set<Integer> once = new HashSet<>();
                for (int page : table.pages()) {
                    assertThat(once.add(page)).as("a page is in a row once").isTrue();
                    users.merge(page, 1, Integer::sum);
                }
            }
            assertThat(prefixes.pages()).containsExactlyElementsOf(remembered.values());
            remembered.forEach((text, page) -> {
                users.merge(page, 1, Integer::sum);
                assertThat(IntStream.of(memory.get(page)).boxed())
                        .containsExactlyElementsOf(text.subList(text.size() - PAGE, text.size()));
            });
            for (int page = 0; page < PAGES; page++) {
                assertThat(allocator.users(page)).isEqualTo(users.getOrDefault(page, 0));
            }
            assertThat(allocator.frees()).isEqualTo(PAGES - users.size());
        }
    }

    @Property(tries = 400)
    void rowsReadWhatTheyWouldAlone(@ForAll("steps") List<Step> steps) {
        Pool pool = new Pool();
        steps.forEach(pool::make);
        Statistics.label("no page was left").collect(pool.full);
        Statistics.label("a row began with pages of others").collect(pool.recalled);
        Statistics.label("pages were forgotten").collect(pool.forgotten);
        for (String label : List.of(
                "no page was left", "a row began with pages of others", "pages were forgotten")) {
            Statistics.label(label).coverage(found -> found.check(true).percentage(share -> share > 2));
        }
        while (!pool.tables.isEmpty()) {
            pool.remove(0);
        }
        pool.free(PAGES);
        pool.check();
        assertThat(pool.allocator.frees()).isEqualTo(PAGES);
    }

    @Test
    void refusesPagesThatNobodyUses() {
        PageAllocator allocator = new PageAllocator(2);
        assertThatThrownBy(() -> allocator.release(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> allocator.share(5)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new PageAllocator(0)).hasMessageContaining("got 0, allowed at least 1");
    }
}

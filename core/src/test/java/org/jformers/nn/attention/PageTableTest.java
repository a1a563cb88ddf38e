package org.jformers.nn.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;

/** Pages against a plain model: each row has a list of tokens of its own, and nothing is shared. */
final class PageTableTest {
    private static final int PAGE = 4;
    private static final int PAGES = 24;

    /** Rows and what a reader would find in their pages. */
    private static final class Pool {
        private final PageAllocator allocator = new PageAllocator(PAGES);
        private final Map<Integer, int[]> memory = new HashMap<>();
        private final List<PageTable> tables = new ArrayList<>();
        private final List<List<Integer>> plain = new ArrayList<>();

        void add() {
            tables.add(new PageTable(allocator, PAGE));
            plain.add(new ArrayList<>());
        }

        boolean write(int row, int tokens, int first) {
            PageTable table = tables.get(row);
            long before = table.length();
            int[] pages = table.pages();
            int free = allocator.frees();
            try {
                table.reserve(tokens, (from, to) -> memory.put(to, memory.get(from).clone()));
            } catch (JformersException e) {
                assertThat(table.length()).isEqualTo(before);
                assertThat(table.pages()).isEqualTo(pages);
                assertThat(allocator.frees()).isEqualTo(free);
                return false;
            }
            for (int i = 0; i < tokens; i++) {
                long place = before + i;
                int page = table.page(place);
                assertThat(allocator.isOwn(page)).as("a page that is written to").isTrue();
                memory.computeIfAbsent(page, p -> new int[PAGE])[(int) (place % PAGE)] = first + i;
                plain.get(row).add(first + i);
            }
            table.advance(tokens);
            return true;
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
            for (int page = 0; page < PAGES; page++) {
                assertThat(allocator.users(page)).isEqualTo(users.getOrDefault(page, 0));
            }
            assertThat(allocator.frees()).isEqualTo(PAGES - users.size());
        }
    }

    @Test
    void rowsReadWhatTheyWouldAlone() {
        boolean full = false;
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Pool pool = new Pool();
            pool.add();
            for (int step = 0; step < 120; step++) {
                int row = pool.tables.isEmpty() ? -1 : random.nextInt(pool.tables.size());
                int kind = row < 0 ? 0 : random.nextInt(10);
                if (kind == 0) {
                    pool.add();
                } else if (kind < 6) {
                    full |= !pool.write(row, random.nextInt(2 * PAGE + 2), step * 100);
                } else if (kind < 8) {
                    pool.fork(row);
                } else if (kind < 9) {
                    pool.truncate(row, random.nextInt(pool.plain.get(row).size() + 2));
                } else {
                    pool.remove(row);
                }
                pool.check();
            }
            while (!pool.tables.isEmpty()) {
                pool.remove(0);
            }
            pool.check();
        }
        assertThat(full).as("some pool had no page left").isTrue();
    }

    @Test
    void refusesPagesThatNobodyUses() {
        PageAllocator allocator = new PageAllocator(2);
        assertThatThrownBy(() -> allocator.release(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> allocator.share(5)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> new PageAllocator(0)).hasMessageContaining("got 0, allowed at least 1");
    }
}

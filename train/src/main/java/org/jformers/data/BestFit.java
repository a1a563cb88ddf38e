package org.jformers.data;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/**
 * Puts pieces of several lengths into rows of one length, so that little of them stays empty and no piece is cut: the
 * longest first, each into the row that it fills best (best-fit decreasing, as arXiv:2404.10830 packs documents).
 */
final class BestFit {
    private BestFit() {}

    /**
     * The numbers of the pieces of each row.
     *
     * @param pieces how many there are
     * @param length of each piece, from 1 to {@code row}
     * @param row length of a row
     */
    static int[][] rows(int pieces, IntUnaryOperator length, int row) {
        List<Integer> longestFirst = IntStream.range(0, pieces).boxed()
                .sorted(Comparator.comparingInt(piece -> -length.applyAsInt(piece))).toList();
        List<List<Integer>> rows = new ArrayList<>();
        TreeMap<Integer, Deque<Integer>> byRoom = new TreeMap<>();
        for (int piece : longestFirst) {
            int needed = length.applyAsInt(piece);
            Map.Entry<Integer, Deque<Integer>> best = byRoom.ceilingEntry(needed);
            int room = row;
            int chosen = rows.size();
            if (best == null) {
                rows.add(new ArrayList<>());
            } else {
                room = best.getKey();
                chosen = best.getValue().removeFirst();
                if (best.getValue().isEmpty()) {
                    byRoom.remove(room);
                }
            }
            rows.get(chosen).add(piece);
            if (room > needed) {
                byRoom.computeIfAbsent(room - needed, key -> new ArrayDeque<>()).addLast(chosen);
            }
        }
        return rows.stream().map(some -> some.stream().mapToInt(Integer::intValue).toArray()).toArray(int[][]::new);
    }
}

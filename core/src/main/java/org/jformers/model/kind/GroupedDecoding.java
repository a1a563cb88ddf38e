package org.jformers.model.kind;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.model.Decoding;
import org.jformers.model.ModelInputs;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.ShapeException;
import org.jformers.tensor.Tensors;

/** Decoding of models whose rows go on together: those that began together are a group. */
final class GroupedDecoding implements Decoding {
    private final Function<ModelInputs, RowGroup> beginning;
    private final String architecture;
    private final Map<Integer, Place> places = new HashMap<>();
    private int next;

    /** A group, how many rows it has at work, and how many numbers stand for one of them. */
    private static final class Group {
        private final RowGroup rows;
        private long size;
        private int users;

        Group(RowGroup rows, int size) {
            this.rows = rows;
            this.size = size;
            users = size;
        }
    }

    /** Which row of a group a number stands for: of those at work before the next token. */
    private record Place(Group group, int index) {}

    GroupedDecoding(String architecture, Function<ModelInputs, RowGroup> beginning) {
        this.architecture = architecture;
        this.beginning = beginning;
    }

    @Override
    public int[] begin(ModelInputs prompt, int rows) {
        Group group = new Group(beginning.apply(prompt), rows);
        int[] numbers = new int[rows];
        for (int i = 0; i < rows; i++) {
            numbers[i] = next++;
            places.put(numbers[i], new Place(group, i));
        }
        return numbers;
    }

    @Override
    public int fork(int row) {
        Place place = place(row);
        place.group().users++;
        places.put(next, place);
        return next++;
    }

    @Override
    public void end(int row) {
        Group group = places.remove(row).group();
        if (--group.users == 0) {
            group.rows.close();
        }
    }

    @Override
    public void truncate(int row, long length) {
        throw new JformersException("generate: got tokens to take back from " + architecture
                + ", which reads on only; allowed models with keys and values");
    }

    @Override
    public boolean inParts() {
        return false;
    }

    @Override
    public Tensor read(List<Reading> readings) {
        Map<Group, List<Reading>> groups = new LinkedHashMap<>();
        readings.forEach(one -> groups.computeIfAbsent(place(one.row()).group(), g -> new ArrayList<>()).add(one));
        return Scopes.scoped(() -> {
            Tensor[] scores = new Tensor[readings.size()];
            groups.forEach((group, own) -> {
                Tensor score_BV = read(group, own);
                for (int i = 0; i < own.size(); i++) {
                    scores[readings.indexOf(own.get(i))] = score_BV.narrow(0, i, 1);
                }
            });
            return scores.length == 1 ? scores[0] : Tensors.cat(0, scores);
        });
    }

    private Place place(int row) {
        return Objects.requireNonNull(places.get(row));
    }

    private Tensor read(Group group, List<Reading> readings) {
        int length = readings.get(0).tokens().length;
        if (readings.stream().anyMatch(one -> one.tokens().length != length || one.scored() != 1)) {
            throw new ShapeException("generate: got rows of other lengths in a group of " + architecture
                    + ", allowed prompts of one length");
        }
        long[] order = readings.stream().mapToLong(one -> place(one.row()).index()).toArray();
        boolean same = order.length == group.size;
        for (int i = 0; i < order.length; i++) {
            same &= order[i] == i;
        }
        if (!same) {
            group.rows.reorder(Tensors.ofLongs(order, order.length));
            group.size = order.length;
        }
        for (int i = 0; i < order.length; i++) {
            places.put(readings.get(i).row(), new Place(group, i));
        }
        long[] ids = readings.stream().flatMapToLong(one -> Arrays.stream(one.tokens()).asLongStream()).toArray();
        return group.rows.next(Tensors.ofLongs(ids, readings.size(), length));
    }

    @Override
    public void close() {
        places.values().stream().map(Place::group).distinct().forEach(group -> group.rows.close());
        places.clear();
    }
}

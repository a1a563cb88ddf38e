package org.jformers.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.IntStream;
import org.jformers.JformersException;
import org.jformers.data.TextTuples;
import org.jformers.training.Stateful;

/**
 * Hard negatives that are found anew for each epoch, on the thread that trains, and read by those that make batches,
 * which wait for them.
 */
final class MinedNegatives implements TextTuples.Negatives, Stateful {
    private long epoch = -1;
    private int[][] negatives = new int[0][];

    /** Whether those of an epoch are there. */
    synchronized boolean has(long wanted) {
        return epoch == wanted;
    }

    /** Those of the rows in an epoch, all of whose predecessors' batches are made. */
    synchronized void put(long of, int[][] found) {
        epoch = of;
        negatives = found;
        notifyAll();
    }

    @Override
    public synchronized int[] of(int row, long wanted) {
        try {
            while (epoch < wanted) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JformersException("hard negatives: the run ended before epoch " + wanted, e);
        }
        return negatives[row];
    }

    @Override
    public String name() {
        return "mined_negatives";
    }

    @Override
    public synchronized JsonNode state() {
        ObjectNode state = JsonNodeFactory.instance.objectNode().put("epoch", epoch);
        ArrayNode rows = state.putArray("negatives");
        for (int[] row : negatives) {
            ArrayNode texts = rows.addArray();
            IntStream.of(row).forEach(texts::add);
        }
        return state;
    }

    @Override
    public synchronized void restore(JsonNode state) {
        JsonNode rows = state.path("negatives");
        put(state.path("epoch").asLong(-1), IntStream.range(0, rows.size())
                .mapToObj(row -> IntStream.range(0, rows.get(row).size()).map(i -> rows.get(row).get(i).intValue())
                        .toArray())
                .toArray(int[][]::new));
    }
}

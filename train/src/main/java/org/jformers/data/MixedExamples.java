package org.jformers.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Examples of several kinds, each batch of one of them. Each part is gone through pass by pass in its own order,
 * however often it is drawn; who gives a batch follows from the seed and the number of the batch alone. The field
 * {@value #PART} of a batch says whose it is.
 *
 * <p>The batches of a plan begin with two numbers that are no examples: the part, and its pass.
 */
public final class MixedExamples implements BatchedExamples {
    /** The field of a batch with the number of its part. */
    public static final String PART = "part";

    private static final int HEAD = 2;
    /** Draws of parts are no draws of examples. */
    private static final long CHOICES = -1;
    /** Plans that are asked for again: by who plans batches, and by who follows them. */
    private static final int KEPT = 3;

    private final List<BatchedExamples> parts;
    private final Mixing mixing;
    private final int perEpoch;
    private final Map<Integer, EpochPlan> plans = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Integer, EpochPlan> eldest) {
            return size() > KEPT;
        }
    };
    private final List<long[]> drawn = new ArrayList<>();
    private long seed;
    private List<BatchStream> streams = List.of();

    /**
     * @param parts what is mixed
     * @param mixing how often each gives a batch
     * @param perEpoch batches of an epoch, >= 1
     */
    public MixedExamples(List<? extends BatchedExamples> parts, Mixing mixing, int perEpoch) {
        this.parts = List.copyOf(parts);
        this.mixing = mixing;
        this.perEpoch = perEpoch;
        if (parts.size() != mixing.first().size() || perEpoch < 1) {
            throw new DataException("mixture: got " + parts.size() + " parts, " + mixing.first().size()
                    + " weights and " + perEpoch + " batches an epoch, allowed one weight for each and >= 1");
        }
    }

    @Override
    public synchronized EpochPlan epoch(long newSeed, int epoch) {
        if (newSeed != seed || streams.isEmpty()) {
            seed = newSeed;
            streams = parts.stream().map(part -> new BatchStream(part, newSeed)).toList();
            plans.clear();
            drawn.clear();
            drawn.add(new long[parts.size()]);
        }
        while (drawn.size() <= epoch) {
            plan(drawn.size() - 1);
        }
        EpochPlan known = plans.get(epoch);
        return known == null ? plan(epoch) : known;
    }

    private EpochPlan plan(int epoch) {
        long[] done = drawn.get(epoch).clone();
        for (int part = 0; part < done.length; part++) {
            streams.get(part).skipTo(done[part]);
        }
        Draw choices = new Draw(seed, CHOICES);
        int[][] batches = new int[perEpoch][];
        double tokens = 0;
        double cells = 0;
        for (int i = 0; i < perEpoch; i++) {
            int part = mixing.part(choices, (long) epoch * perEpoch + i);
            BatchStream stream = streams.get(part);
            int[] examples = stream.nextExamples();
            done[part]++;
            batches[i] = IntStream.concat(IntStream.of(part, stream.epoch()), Arrays.stream(examples)).toArray();
            tokens += (double) stream.plan().tokens() / stream.plan().batches().length;
            cells += (double) stream.plan().cells() / stream.plan().batches().length;
        }
        if (drawn.size() == epoch + 1) {
            drawn.add(done);
        }
        EpochPlan plan = new EpochPlan(batches, Math.round(tokens), Math.round(cells));
        plans.put(epoch, plan);
        return plan;
    }

    @Override
    public EpochPlan evaluation() {
        List<EpochPlan> all = parts.stream().map(BatchedExamples::evaluation).toList();
        int[][] batches = IntStream.range(0, all.size()).boxed()
                .flatMap(part -> Stream.of(all.get(part).batches())
                        .map(batch -> IntStream.concat(IntStream.of(part, 0), Arrays.stream(batch)).toArray()))
                .toArray(int[][]::new);
        return new EpochPlan(batches, all.stream().mapToLong(EpochPlan::tokens).sum(),
                all.stream().mapToLong(EpochPlan::cells).sum());
    }

    @Override
    public Batch collate(int[] examples, Draw draw, long position) {
        int part = examples[0];
        return of(part, parts.get(part).collate(
                Arrays.copyOfRange(examples, HEAD, examples.length), new Draw(draw.seed(), examples[1]), position));
    }

    /** A batch of a part, with its number. */
    public static Batch of(int part, Batch batch) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>(batch.fields());
        fields.put(PART, new Batch.Longs(new long[] {part}, 1));
        return new Batch(fields, batch.examples(), batch.labels(), batch.position());
    }

    /** The number of the part that a batch is of. */
    public static int part(Batch batch) {
        return (int) batch.longs(PART).values()[0];
    }

    /** A batch as its part made it. */
    public static Batch own(Batch batch) {
        Map<String, Batch.Field> fields = new LinkedHashMap<>(batch.fields());
        fields.remove(PART);
        return new Batch(fields, batch.examples(), batch.labels(), batch.position());
    }
}

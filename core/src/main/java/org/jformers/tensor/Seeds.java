package org.jformers.tensor;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The random generator that dropout, first values and the like draw from, on the host: that of the process, or the
 * thread's own while one is open, so that two runs in one process give what each gives alone.
 */
public final class Seeds {
    private static final ThreadLocal<Own> OPEN = new ThreadLocal<>();
    private static final GeneratorOptional OF_PROCESS = Scopes.keep(new GeneratorOptional());

    private static final ThreadLocal<Map<Device, OfDevice>> OF_DEVICES = ThreadLocal.withInitial(HashMap::new);

    private Seeds() {}

    /** The generator of a device that a thread draws from; lives as long as the process. */
    private static final class OfDevice {
        private final Generator generator;
        private final GeneratorOptional optional;

        private OfDevice(Device device) {
            generator = Scopes.get(() ->
                    Scopes.keep(torch.globalContext().defaultGenerator(device.handle()).clone()));
            optional = Scopes.keep(new GeneratorOptional(generator));
        }
    }

    /** A generator of this thread alone, until it is closed; closing brings back the one before. */
    public static final class Own implements AutoCloseable {
        private final Optional<Own> outer = Optional.ofNullable(OPEN.get());
        private final Generator generator;
        private final GeneratorOptional optional;

        private Own(long seed) {
            generator = Scopes.keep(torch.make_generator_cpu(seed));
            optional = Scopes.keep(new GeneratorOptional(generator));
            OPEN.set(this);
        }

        @Override
        public void close() {
            if (outer.isPresent()) {
                OPEN.set(outer.get());
            } else {
                OPEN.remove();
            }
            optional.close();
            generator.close();
        }
    }

    /** Opens a generator of this thread's own; its numbers are those of Python after {@code torch.manual_seed}. */
    public static Own own(long seed) {
        return new Own(seed);
    }

    /** Whether this thread has a generator of its own. */
    public static boolean hasOwn() {
        return OPEN.get() != null;
    }

    /** The generator to draw from on this thread, for operators that take one and tensors of the host. */
    public static GeneratorOptional generator() {
        Own own = OPEN.get();
        return own == null ? OF_PROCESS : own.optional;
    }

    /**
     * The generator to draw a tensor from, on its device. That of a graphics card is seeded for each tensor by a number
     * of this thread's generator, whose state therefore says everything that will be drawn on any device.
     */
    public static GeneratorOptional generator(Tensor drawn) {
        if (!drawn.is_cuda()) {
            return generator();
        }
        OfDevice own = OF_DEVICES.get().computeIfAbsent(Device.of(drawn), OfDevice::new);
        own.generator.set_current_seed(Scopes.get(() -> Tensors.empty(ScalarType.Long, 1)
                .random_(Long.MIN_VALUE, new LongOptional(), generator()).item_long()));
        return own.optional;
    }

    /** Seeds the generator; the numbers that follow are those of Python's {@code torch.manual_seed}. */
    public static void seed(long seed) {
        Own own = OPEN.get();
        if (own == null) {
            torch.manual_seed(seed);
        } else {
            own.generator.set_current_seed(seed);
        }
    }

    /** The next number from [0, 1). */
    public static double uniform() {
        return Scopes.get(() -> torch.rand(new long[] {1}, generator()).item_double());
    }

    /** The numbers from 0 to {@code count - 1} in random order. */
    public static long[] permutation(long count) {
        return Scopes.get(() -> Tensors.toLongs(torch.randperm(count, generator())));
    }

    /** The generator's state, a uint8 tensor of the caller's scope. */
    public static Tensor state() {
        return current().get_state();
    }

    /** Sets the generator to a state that {@link #state} returned. */
    public static void restore(Tensor state) {
        // The engine reads the state as aligned words and dies where it lies at an odd place, as in a mapped file.
        Scopes.run(() -> current().set_state(state.clone()));
    }

    private static Generator current() {
        Own own = OPEN.get();
        return own == null ? torch.getDefaultCPUGenerator() : own.generator;
    }
}

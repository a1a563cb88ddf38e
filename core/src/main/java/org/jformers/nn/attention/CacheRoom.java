package org.jformers.nn.attention;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.jformers.JformersException;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/** Memory of caches, asked for in large pieces: more than the machine has is refused before it is taken. */
final class CacheRoom {
    private static final double GIB = 1L << 30;
    private static final long MEMORY = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
            .getTotalMemorySize();

    private CacheRoom() {}

    /**
     * Room for numbers of the type and on the device of others, whose values are any. It lives until it is closed.
     *
     * @throws JformersException if it is larger than the machine's memory
     */
    static Tensor of(Tensor like, long... shape) {
        double bytes = like.element_size() * Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
        if (bytes > MEMORY && Device.of(like).equals(Device.CPU)) {
            throw new JformersException(String.format(Locale.ROOT,
                    "cache: got room for %s numbers, %.0f GiB, allowed up to the %.0f GiB of the machine",
                    Arrays.toString(shape), bytes / GIB, MEMORY / GIB));
        }
        return Scopes.keep(Tensors.empty(Device.of(like), Tensors.type(like), shape));
    }
}

package org.jformers.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/**
 * How fast the machine makes the matrix products of a step of {@link FineTuning}, and how fast it makes any: prints
 * milliseconds of processor time for the products of the linear maps of 6 layers x 384, forward and backward in
 * bfloat16, their rate, and the rate of the product of two matrices of 2048 x 2048.
 *
 * <p>Arguments: the number of rows, those of the texts of a batch one behind the other.
 */
public final class FineTuningProducts {
    private static final int LAYERS = 6;
    private static final long[][] MAPS = {{384, 1152}, {384, 384}, {384, 1536}, {1536, 384}};
    private static final long LARGE = 2048;
    private static final int TIMES = 30;

    private FineTuningProducts() {}

    /** A linear map with its input and the gradient of its output. */
    private record Product(Tensor x, Tensor weight, Tensor slope) {
        static Product of(long rows, long in, long out) {
            return new Product(random(rows, in), random(out, in), random(rows, out));
        }

        void run() {
            Scopes.run(() -> {
                torch.linear(x, weight);
                slope.mm(weight);
                slope.t().mm(x);
            });
        }

        /** Additions and multiplications. */
        double operations() {
            return 6.0 * x.size(0) * weight.numel();
        }
    }

    public static void main(String[] args) {
        long rows = Long.parseLong(args[0]);
        try (NoGrad noGrad = new NoGrad()) {
            Scopes.run(() -> {
                List<Product> products = new ArrayList<>();
                for (int layer = 0; layer < LAYERS; layer++) {
                    for (long[] map : MAPS) {
                        products.add(Product.of(rows, map[0], map[1]));
                    }
                }
                double operations = products.stream().mapToDouble(Product::operations).sum();
                double step = least(() -> products.forEach(Product::run));
                Product large = Product.of(LARGE, LARGE, LARGE);
                double best = large.operations() / least(large::run);
                System.out.printf(Locale.ROOT,
                        "products of a step %.1f ms, %.1f GFLOP, %.0f GFLOP/s; best of the machine %.0f GFLOP/s%n",
                        step, operations / 1e9, operations / step / 1e6, best / 1e6);
            });
        }
    }

    /** The least processor time of several runs, in milliseconds. */
    private static double least(Runnable body) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < TIMES; i++) {
            long start = system.getProcessCpuTime();
            body.run();
            least = Math.min(least, (system.getProcessCpuTime() - start) / 1e6);
        }
        return least;
    }

    private static Tensor random(long rows, long columns) {
        return torch.randn(rows, columns).to(ScalarType.BFloat16);
    }
}

package org.jformers.nn.attention;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values in eight bits: each vector of a head in steps of its largest number's 127th part. What is read is
 * made of them anew each time.
 */
final class Int8Keys implements LayerKeys {
    private static final double STEPS = 127;
    private static final double LEAST = 1e-12;

    private final PlainKeys numbers;
    private final PlainKeys scales;
    private @Nullable ScalarType type;

    Int8Keys(long window) {
        this(new PlainKeys(window, 0), new PlainKeys(window, 0), null);
    }

    private Int8Keys(PlainKeys numbers, PlainKeys scales, @Nullable ScalarType type) {
        this.numbers = numbers;
        this.scales = scales;
        this.type = type;
    }

    @Override
    public void prepare(long tokens) {
        numbers.prepare(tokens);
        scales.prepare(tokens);
    }

    @Override
    public void append(Tensor key_1GTD, Tensor value_1GTD) {
        type = Tensors.type(key_1GTD);
        Scopes.run(() -> {
            Tensor keyScale_1GT1 = scale(key_1GTD);
            Tensor valueScale_1GT1 = scale(value_1GTD);
            numbers.append(steps(key_1GTD, keyScale_1GT1), steps(value_1GTD, valueScale_1GT1));
            scales.append(keyScale_1GT1, valueScale_1GT1);
        });
    }

    private static Tensor scale(Tensor x_1GTD) {
        return x_1GTD.to(ScalarType.Float).abs().amax(new long[] {3}, true)
                .div(Tensors.constant(STEPS)).clamp_min(Tensors.constant(LEAST));
    }

    private static Tensor steps(Tensor x_1GTD, Tensor scale_1GT1) {
        return x_1GTD.to(ScalarType.Float).div(scale_1GT1).round()
                .clamp(new org.bytedeco.pytorch.ScalarOptional(new Scalar(-STEPS)),
                        new org.bytedeco.pytorch.ScalarOptional(new Scalar(STEPS)))
                .to(ScalarType.Char);
    }

    @Override
    public long length() {
        return numbers.length();
    }

    @Override
    public long first() {
        return numbers.first();
    }

    @Override
    public Tensor keys() {
        return Scopes.scoped(() -> numbers.keys().to(ScalarType.Float).mul_(scales.keys()).to(type));
    }

    @Override
    public Tensor values() {
        return Scopes.scoped(() -> numbers.values().to(ScalarType.Float).mul_(scales.values()).to(type));
    }

    @Override
    public void truncate(long shorter) {
        numbers.truncate(shorter);
        scales.truncate(shorter);
    }

    @Override
    public LayerKeys fork() {
        return new Int8Keys((PlainKeys) numbers.fork(), (PlainKeys) scales.fork(), type);
    }

    @Override
    public void close() {
        numbers.close();
        scales.close();
    }
}

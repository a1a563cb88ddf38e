package org.jformers.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.jformers.JformersException;

/**
 * Where tensors are and are computed with, as a value. What a model is given stays on the host, where it can be looked
 * at for nothing; modules take it to the device of their parameters. See docs/devices.md.
 *
 * @param kind what it is
 * @param index which one of its kind, from 0
 */
public record Device(Kind kind, int index) {
    /**
     * Where {@link #making} says that models are made, otherwise the first graphics card where the engine has one,
     * otherwise the host's processor.
     */
    public static final Device AUTO = new Device(Kind.AUTO, 0);

    /** The host's processor and memory. */
    public static final Device CPU = new Device(Kind.CPU, 0);

    /** Shapes and types without numbers: shows what a model would compute, in no time and no memory. */
    public static final Device META = new Device(Kind.META, 0);

    private static final ThreadLocal<Device> MAKING = new ThreadLocal<>();

    /** Kinds of devices. */
    public enum Kind {
        /** To be found out: {@link Device#resolve}. */
        AUTO,
        CPU,
        CUDA,
        META
    }

    public Device {
        // The engine counts devices in a signed byte.
        if (index < 0 || index > (kind == Kind.CUDA ? Byte.MAX_VALUE : 0)) {
            throw new JformersException("device: got number " + index + " of " + kind.name().toLowerCase(Locale.ROOT)
                    + ", allowed 0" + (kind == Kind.CUDA ? " to " + Byte.MAX_VALUE : ""));
        }
    }

    /** A graphics card. */
    public static Device cuda(int index) {
        return new Device(Kind.CUDA, index);
    }

    /**
     * The device that a text names, whether or not it is there.
     *
     * @param text {@code auto}, {@code cpu}, {@code cuda}, {@code cuda:1} and so on, or {@code meta}
     * @throws JformersException if it names none
     */
    public static Device of(String text) {
        return switch (text) {
            case "auto" -> AUTO;
            case "cpu" -> CPU;
            case "meta" -> META;
            case "cuda" -> cuda(0);
            default -> numbered(text).orElseThrow(() -> new JformersException(
                    "device: got " + text + ", allowed auto, cpu, cuda, cuda:0, cuda:1 and so on, meta"));
        };
    }

    private static Optional<Device> numbered(String text) {
        return text.matches("cuda:\\d{1,3}") && Integer.parseInt(text.substring(5)) <= Byte.MAX_VALUE
                ? Optional.of(cuda(Integer.parseInt(text.substring(5))))
                : Optional.empty();
    }

    /** The device of a tensor. */
    public static Device of(Tensor tensor) {
        if (tensor.is_cpu()) {
            return CPU;
        }
        return tensor.is_meta() ? META : cuda(Scopes.get(() -> (int) tensor.device().index()));
    }

    /** The devices that compute: the host, then the graphics cards that the engine has. */
    public static List<Device> available() {
        EngineStart.prepare();
        List<Device> all = new ArrayList<>(List.of(CPU));
        for (int i = 0; i < torch.getNumGPUs(); i++) {
            all.add(cuda(i));
        }
        return all;
    }

    /**
     * The device that {@link #AUTO} stands for here; any other is itself.
     *
     * @throws JformersException if it is not there
     */
    public Device resolve() {
        if (kind == Kind.CPU || kind == Kind.META) {
            return this;
        }
        if (kind == Kind.AUTO && MAKING.get() != null) {
            return MAKING.get();
        }
        List<Device> there = available();
        if (kind == Kind.AUTO) {
            return there.size() > 1 ? there.get(1) : CPU;
        }
        if (!there.contains(this)) {
            throw new JformersException("device: got " + this + ", allowed are those that are there: "
                    + there.stream().map(Device::toString).collect(Collectors.joining(", "))
                    + (there.size() > 1 ? "" : "; docs/devices.md says how CUDA comes in"));
        }
        return this;
    }

    /** Runs {@code body}; models that this thread makes or loads meanwhile are here unless they are told otherwise. */
    public <T> T making(Supplier<T> body) {
        Device outer = MAKING.get();
        MAKING.set(resolve());
        try {
            return body.get();
        } finally {
            if (outer == null) {
                MAKING.remove();
            } else {
                MAKING.set(outer);
            }
        }
    }

    /** The device on which modules are made right now: that of {@link #making}, otherwise the host. */
    public static Device current() {
        Device making = MAKING.get();
        return making == null ? CPU : making;
    }

    /** As the engine knows it. */
    org.bytedeco.pytorch.Device handle() {
        return switch (kind) {
            case CPU -> new org.bytedeco.pytorch.Device(DeviceType.CPU);
            case META -> new org.bytedeco.pytorch.Device(DeviceType.Meta);
            case CUDA -> new org.bytedeco.pytorch.Device(DeviceType.CUDA, (byte) index);
            case AUTO -> resolve().handle();
        };
    }

    /** As {@link #of(String)} reads it. */
    @Override
    public String toString() {
        return kind == Kind.CUDA ? "cuda:" + index : kind.name().toLowerCase(Locale.ROOT);
    }
}

package org.jformers.nn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jformers.tensor.Device;
import org.jformers.tensor.Scopes;
import org.jformers.tensor.Tensors;

/**
 * A part of a model: named parameters and named child modules, in the order in which they were made. A module owns its
 * parameters until it is closed. They are on the device that {@link Device#making} says, and start uninitialised: a
 * checkpoint or an {@link Initialization} fills them.
 */
public abstract class Module implements AutoCloseable {
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Map<String, Module> children = new LinkedHashMap<>();
    private final List<Pointer> constants = new ArrayList<>();
    private final Device device = Device.current();
    private boolean training;

    /** Makes a float32 parameter of this module. */
    protected final Tensor parameter(String name, Parameter.Role role, long... shape) {
        Tensor tensor = Scopes.keep(Tensors.empty(device, ScalarType.Float, shape));
        tensor.set_requires_grad(true);
        parameters.put(name, new Parameter(tensor, role));
        return tensor;
    }

    /** Makes a float32 tensor that checkpoints store but training leaves alone, filled with one value. */
    protected final Tensor buffer(String name, double value, long... shape) {
        Tensor tensor = Scopes.keep(Tensors.empty(device, ScalarType.Float, shape));
        Scopes.run(() -> tensor.fill_(new Scalar(value)));
        parameters.put(name, new Parameter(tensor, Parameter.Role.BUFFER));
        return tensor;
    }

    /** The same for what training counts: a checkpoint without it says something else. */
    protected final Tensor statistic(String name, double value, long... shape) {
        Tensor tensor = buffer(name, value, shape);
        parameters.put(name, new Parameter(tensor, Parameter.Role.STATISTIC));
        return tensor;
    }

    /** Makes a float32 parameter that starts at a value of its own, a tensor of any floating-point type. */
    protected final Tensor preset(String name, Tensor value) {
        Tensor tensor = Scopes.keep(Tensors.empty(device, ScalarType.Float, value.shape()));
        Scopes.run(() -> tensor.copy_(value));
        tensor.set_requires_grad(true);
        parameters.put(name, new Parameter(tensor, Parameter.Role.PRESET));
        return tensor;
    }

    /** Makes a whole number, int64 of no dimension, that checkpoints store and training counts up from 0. */
    protected final Tensor counter(String name) {
        Tensor tensor = Scopes.keep(Tensors.empty(device, ScalarType.Long));
        Scopes.run(tensor::zero_);
        parameters.put(name, new Parameter(tensor, Parameter.Role.BUFFER));
        return tensor;
    }

    /** Keeps a tensor that is computed, not trained, as long as the module lives. */
    protected final Tensor constant(Tensor tensor) {
        Tensor kept = Scopes.keep(Tensors.to(tensor, device));
        constants.add(kept);
        return kept;
    }

    /** Keeps what the engine made of a matrix as long as the module lives. */
    protected final <P extends Pointer> P kept(P made) {
        P kept = Scopes.keep(made);
        constants.add(kept);
        return kept;
    }

    /** Frees a parameter of this module, which is none from now on. */
    final void drop(String name) {
        Parameter dropped = parameters.remove(name);
        if (dropped != null) {
            dropped.tensor().close();
        }
    }

    /** Adds a child module; one without a name has its parameters under this module's own path. */
    protected final <M extends Module> M child(String name, M module) {
        children.put(name, module);
        return module;
    }

    /** Adds child modules named {@code name.0}, {@code name.1}, ... */
    protected final <M extends Module> List<M> children(String name, List<M> modules) {
        for (int i = 0; i < modules.size(); i++) {
            children.put(name + "." + i, modules.get(i));
        }
        return modules;
    }

    /** All parameters below this module by dotted path; each once. */
    public final Map<String, Parameter> parameters() {
        Map<String, Parameter> all = new LinkedHashMap<>();
        collect("", all);
        return Collections.unmodifiableMap(all);
    }

    /** All parameter tensors below this module by dotted path; each once. */
    public final Map<String, Tensor> tensors() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        parameters().forEach((name, parameter) -> tensors.put(name, parameter.tensor()));
        return tensors;
    }

    /** Number of values that can be trained, frozen or not. */
    public final long parameterCount() {
        return count(Parameter::trainable);
    }

    /** Number of values that training changes. */
    public final long trainedCount() {
        return count(Parameter::trained);
    }

    private long count(Predicate<Parameter> which) {
        return parameters().values().stream().filter(which).mapToLong(Parameter::size).sum();
    }

    /** All linear maps below this module by dotted path, in the order in which they were made; each once. */
    public final Map<String, Linear> linears() {
        return modules(Linear.class);
    }

    /** All modules of a kind from this one down by dotted path, in the order in which they were made; each once. */
    public final <M> Map<String, M> modules(Class<M> kind) {
        Map<String, M> all = new LinkedHashMap<>();
        collect("", kind, all);
        return Collections.unmodifiableMap(all);
    }

    private <M> void collect(String path, Class<M> kind, Map<String, M> all) {
        if (kind.isInstance(this)) {
            all.put(path, kind.cast(this));
        }
        children.forEach((name, child) ->
                child.collect(path.isEmpty() || name.isEmpty() ? path + name : path + "." + name, kind, all));
    }

    /** Switches dropout on (true) or off (false), here and in all children. */
    public final void train(boolean on) {
        training = on;
        children.values().forEach(child -> child.train(on));
    }

    /** Where the parameters are, and what is computed with them. */
    public final Device device() {
        return device;
    }

    /** True while dropout is on. */
    public final boolean training() {
        return training;
    }

    /** Frees the parameters, here and in all children. */
    @Override
    public final void close() {
        parameters.values().forEach(parameter -> parameter.tensor().close());
        constants.forEach(Pointer::close);
        children.values().forEach(Module::close);
    }

    private void collect(String prefix, Map<String, Parameter> all) {
        parameters.forEach((name, parameter) -> all.put(prefix + name, parameter));
        children.forEach((name, child) -> child.collect(name.isEmpty() ? prefix : prefix + name + ".", all));
    }
}

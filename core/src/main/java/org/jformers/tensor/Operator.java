package org.jformers.tensor;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * An operator of the engine that its Java mapping leaves out, called by name. Looking one up costs more than calling
 * it, so that callers keep it; it lives as long as the process.
 */
public final class Operator {
    /** An argument that is a list of optional numbers, with none in it. */
    public static final Object NO_NUMBERS = new Object();

    private final OperatorHandle handle;
    private final Type.TypePtr tensorType;
    private final Type.TypePtr numberType;

    private Operator(OperatorHandle handle) {
        this.handle = handle;
        tensorType = Scopes.keep(new TensorList().elementType());
        numberType = Scopes.keep(torch.parseSchema("numbers(Scalar?[] x) -> ()").arguments().type().get()
                .containedType(0));
    }

    /** The operator of that name, such as {@code aten::_fused_adamw_}. */
    public static Operator named(String name) {
        return new Operator(Scopes.keep(Dispatcher.singleton().findSchemaOrThrow(name, "")));
    }

    /**
     * Calls it for its effect.
     *
     * @param arguments tensors, lists of tensors, doubles, longs, booleans, strings, what {@link #make} returned,
     *     {@link #NO_NUMBERS}, or null for an absent optional
     */
    public void call(@Nullable Object... arguments) {
        Scopes.run(() -> called(arguments));
    }

    /** Calls it for what it returns, of a type that only the engine's operators know. */
    public IValue make(@Nullable Object... arguments) {
        return Scopes.scoped(() -> new IValue(called(arguments).get(0)));
    }

    /** Calls it for the tensor that it returns. */
    public Tensor apply(@Nullable Object... arguments) {
        // A handle of its own: that of the stack goes with the stack.
        return Scopes.scoped(() -> new Tensor(called(arguments).get(0).toTensor()));
    }

    /** What is on the stack when it has been called. */
    private IValueVector called(@Nullable Object... arguments) {
        IValueVector stack = new IValueVector();
        for (Object argument : arguments) {
            stack.push_back(value(argument));
        }
        handle.callBoxed(stack);
        return stack;
    }

    private IValue value(@Nullable Object argument) {
        if (argument == null) {
            return new IValue();
        }
        if (argument instanceof Tensor tensor) {
            return new IValue(tensor);
        }
        if (argument instanceof List<?> tensors) {
            GenericList list = new GenericList(tensorType);
            tensors.forEach(tensor -> list.push_back(new IValue((Tensor) tensor)));
            return new IValue(list);
        }
        if (argument instanceof IValue made) {
            return made;
        }
        if (argument == NO_NUMBERS) {
            return new IValue(new GenericList(numberType));
        }
        if (argument instanceof String text) {
            return new IValue(text);
        }
        if (argument instanceof Double number) {
            return new IValue(number);
        }
        if (argument instanceof Long number) {
            return new IValue(number);
        }
        return new IValue((Boolean) argument);
    }
}

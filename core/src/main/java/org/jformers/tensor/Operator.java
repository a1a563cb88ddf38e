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

/**
 * An operator of the engine that its Java mapping leaves out, called by name. Looking one up costs more than calling
 * it, so that callers keep it; it lives as long as the process.
 */
public final class Operator {
    private final OperatorHandle handle;
    private final Type.TypePtr tensorType;

    private Operator(OperatorHandle handle, Type.TypePtr tensorType) {
        this.handle = handle;
        this.tensorType = tensorType;
    }

    /** The operator of that name, such as {@code aten::_fused_adamw_}. */
    public static Operator named(String name) {
        return new Operator(
                Scopes.keep(Dispatcher.singleton().findSchemaOrThrow(name, "")),
                Scopes.keep(new TensorList().elementType()));
    }

    /**
     * Calls it for its effect.
     *
     * @param arguments tensors, lists of tensors, doubles, longs, booleans, or null for an absent optional
     */
    public void call(Object... arguments) {
        Scopes.run(() -> {
            IValueVector stack = new IValueVector();
            for (Object argument : arguments) {
                stack.push_back(value(argument));
            }
            handle.callBoxed(stack);
        });
    }

    private IValue value(Object argument) {
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
        if (argument instanceof Double number) {
            return new IValue(number);
        }
        if (argument instanceof Long number) {
            return new IValue(number);
        }
        return new IValue((Boolean) argument);
    }
}

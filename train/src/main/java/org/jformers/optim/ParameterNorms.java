package org.jformers.optim;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jformers.nn.Parameter;
import org.jformers.tensor.NoGrad;
import org.jformers.tensor.Scopes;

/** How large parameters are, layer by layer: what grows without end shows here before the loss tells. */
public final class ParameterNorms {
    /** The first three steps of a name: {@code body.blocks.0}. */
    private static final String PART = "^((?:[^.]+\\.){0,2}[^.]+).*";

    private ParameterNorms() {}

    /** The part of a model that a parameter belongs to, such as {@code body.blocks.0}. */
    public static String part(String name) {
        return name.replaceAll(PART, "$1");
    }

    /** The joint Euclidean norm of the parameters of each part, in the order of the parts. */
    public static Map<String, Double> byPart(Map<String, Parameter> parameters) {
        Map<String, Double> squares = new LinkedHashMap<>();
        try (NoGrad noGrad = new NoGrad()) {
            parameters.forEach((name, parameter) -> Scopes.run(() -> {
                Tensor norm = parameter.tensor().detach().norm();
                squares.merge(part(name), Math.pow(norm.item_double(), 2), Double::sum);
            }));
        }
        squares.replaceAll((part, square) -> Math.sqrt(square));
        return squares;
    }
}

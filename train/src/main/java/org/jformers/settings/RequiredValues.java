package org.jformers.settings;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says which components of records may be null in JSON: those whose type is {@code @Nullable}, and {@code Optional}s,
 * which are empty then. All others are refused by name before the record sees them, and so are nulls within a list.
 */
final class RequiredValues extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public JsonSetter.Value findSetterInfo(Annotated annotated) {
        if (annotated instanceof AnnotatedParameter parameter && parameter.getDeclaringClass().isRecord()) {
            RecordComponent[] components = parameter.getDeclaringClass().getRecordComponents();
            if (parameter.getOwner().getParameterCount() == components.length) {
                RecordComponent component = components[parameter.getIndex()];
                return JsonSetter.Value.construct(
                        mayBeNull(component) ? Nulls.DEFAULT : Nulls.FAIL,
                        Collection.class.isAssignableFrom(component.getType()) ? Nulls.FAIL : Nulls.DEFAULT);
            }
        }
        return super.findSetterInfo(annotated);
    }

    /** Of primitives the mapper itself refuses null. */
    private static boolean mayBeNull(RecordComponent component) {
        return component.getType().isPrimitive()
                || component.getType() == Optional.class
                || component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }
}

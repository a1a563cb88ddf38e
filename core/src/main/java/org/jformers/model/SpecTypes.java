package org.jformers.model;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.Optional;
import java.util.stream.Stream;

/** The types of specs, by name and by reflection. */
final class SpecTypes {
    private static final String OURS = "org.jformers.";

    private SpecTypes() {}

    /** Its canonical name, without our own prefix. */
    static String name(Class<?> type) {
        String name = type.getCanonicalName();
        return name.startsWith(OURS) ? name.substring(OURS.length()) : name;
    }

    /** A record or enum of a name that is of a declared type; nothing is run to find out. */
    static Optional<Class<?>> find(String name, Class<?> declared) {
        return Stream.of(OURS + name, name)
                .flatMap(full -> load(full).stream())
                .filter(type -> declared.isAssignableFrom(type) && (type.isRecord() || type.isEnum()))
                .findFirst();
    }

    /** Classes within classes are told from packages by their first letter. */
    private static Optional<Class<?>> load(String canonical) {
        StringBuilder binary = new StringBuilder();
        char joint = '.';
        for (String part : canonical.split("\\.")) {
            if (part.isEmpty()) {
                return Optional.empty();
            }
            binary.append(binary.length() == 0 ? "" : joint).append(part);
            joint = Character.isUpperCase(part.charAt(0)) ? '$' : joint;
        }
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        for (ClassLoader loader : new ClassLoader[] {SpecTypes.class.getClassLoader(), context}) {
            try {
                return Optional.of(Class.forName(binary.toString(), false, loader));
            } catch (ClassNotFoundException | LinkageError e) {
                continue; // the other may know it
            }
        }
        return Optional.empty();
    }

    static Class<?> raw(Type type) {
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType generic) {
            return raw(generic.getRawType());
        }
        return type instanceof WildcardType wildcard ? raw(wildcard.getUpperBounds()[0]) : Object.class;
    }

    /** What a collection of a type holds. */
    static Type argument(Type type, int index) {
        return type instanceof ParameterizedType generic ? generic.getActualTypeArguments()[index] : Object.class;
    }

    static Object get(Record record, RecordComponent component) {
        try {
            component.getAccessor().setAccessible(true); // the record may be nested in a class that is not public
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot read " + component, e);
        }
    }

    /** A record of its components; what its constructor throws is thrown. */
    static Object make(Class<?> type, Object[] values) {
        Class<?>[] types = Stream.of(type.getRecordComponents()).map(RecordComponent::getType).toArray(Class[]::new);
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refused) {
                throw refused;
            }
            throw new IllegalArgumentException("cannot make " + type, e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("cannot make " + type, e);
        }
    }
}

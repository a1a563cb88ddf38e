package org.jformers.experiment;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DatabindContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.jsontype.impl.TypeIdResolverBase;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.ServiceLoader;
import java.util.function.Function;
import org.jformers.settings.Nearest;

/** The kinds of tasks that experiments can be made of, by name: all that the class path brings. */
public final class TaskTypes {
    private TaskTypes() {}

    /**
     * All of them, by name.
     *
     * @throws ExperimentException if two have one name
     */
    public static Map<String, TaskType> all() {
        return byName(ServiceLoader.load(TaskType.class), TaskType::name, "task");
    }

    /**
     * The type of that name.
     *
     * @throws ExperimentException naming the nearest ones
     */
    public static TaskType of(String name) {
        Map<String, TaskType> all = all();
        if (!all.containsKey(name)) {
            throw new ExperimentException(
                    "task: got " + name + ", nearest " + Nearest.to(name, all.keySet()) + ", allowed " + all.keySet());
        }
        return all.get(name);
    }

    /** The name of a task's type. */
    public static String name(TrainingTask task) {
        return all().entrySet().stream()
                .filter(entry -> entry.getValue().defaults().getClass() == task.getClass())
                .map(Entry::getKey)
                .findFirst()
                .orElseThrow(() -> new ExperimentException("task: got " + task.getClass().getName()
                        + ", which no service of " + TaskType.class.getName() + " names"));
    }

    /** What services bring, by name; two of one name are an error, whichever would be taken. */
    static <T> Map<String, T> byName(Iterable<T> services, Function<T, String> name, String what) {
        Map<String, T> all = new LinkedHashMap<>();
        for (T service : services) {
            T other = all.put(name.apply(service), service);
            if (other != null) {
                throw new ExperimentException(what + " " + name.apply(service) + ": got two of that name, "
                        + other.getClass().getName() + " and " + service.getClass().getName());
            }
        }
        return all;
    }

    /** Names tasks in JSON. */
    static final class Resolver extends TypeIdResolverBase {
        @Override
        public String idFromValue(Object value) {
            return name((TrainingTask) value);
        }

        @Override
        public String idFromValueAndType(Object value, Class<?> suggestedType) {
            return idFromValue(value);
        }

        @Override
        public JavaType typeFromId(DatabindContext context, String id) {
            return context.constructType(of(id).defaults().getClass());
        }

        @Override
        public JsonTypeInfo.Id getMechanism() {
            return JsonTypeInfo.Id.CUSTOM;
        }
    }
}

package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** What a value can be assigned to. */
interface Target {
    void assign(Value value, Run run);

    record Name(String name) implements Target {
        @Override
        public void assign(Value value, Run run) {
            run.scope().set(name, value);
        }
    }

    record Attribute(String namespace, String name) implements Target {
        @Override
        public void assign(Value value, Run run) {
            Value owner = run.scope().get(namespace);
            if (owner instanceof Namespace space) {
                space.set(name, value);
                return;
            }
            throw new ChatTemplateException("cannot assign attribute on non-namespace object '" + namespace + "'");
        }
    }

    record Several(List<Target> targets) implements Target {
        @Override
        public void assign(Value value, Run run) {
            Iterator<Value> rest = value.iterator();
            List<Value> values = new ArrayList<>();
            while (rest.hasNext() && values.size() <= targets.size()) {
                values.add(rest.next());
            }
            if (values.size() != targets.size()) {
                throw new ChatTemplateException("cannot unpack "
                        + (values.size() > targets.size() ? "more" : String.valueOf(values.size()))
                        + " values, expected " + targets.size());
            }
            for (int i = 0; i < targets.size(); i++) {
                targets.get(i).assign(values.get(i), run);
            }
        }
    }
}

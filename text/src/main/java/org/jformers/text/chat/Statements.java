package org.jformers.text.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The kinds of statements. */
final class Statements {

    private Statements() {}

    record Text(int line, Str text) implements Statement {
        @Override
        public Flow execute(Run run) {
            run.out().append(text);
            return Flow.NEXT;
        }
    }

    record Print(int line, Expression expression) implements Statement {
        @Override
        public Flow execute(Run run) {
            expression.value(run).print(run.out());
            return Flow.NEXT;
        }
    }

    /** A condition and what depends on it. */
    record Branch(Expression test, List<Statement> body) {}

    record If(int line, List<Branch> branches, List<Statement> otherwise) implements Statement {
        @Override
        public Flow execute(Run run) {
            for (Branch branch : branches) {
                if (branch.test.value(run).truth()) {
                    return Statement.renderAll(branch.body, run);
                }
            }
            return Statement.renderAll(otherwise, run);
        }
    }

    /**
     * A loop.
     *
     * @param recursive whether {@code loop(...)} may render it again for other elements
     */
    record For(
            int line,
            Target target,
            Expression elements,
            Optional<Expression> test,
            List<Statement> body,
            List<Statement> otherwise,
            boolean recursive)
            implements Statement {
        @Override
        public Flow execute(Run run) {
            return loop(elements.value(run), 0, run.scope(), run);
        }

        private Flow loop(Value over, int depth, Scope around, Run run) {
            run.meter().spendScope();
            Loop loop = new Loop(kept(over.iterator(), around, run),
                    test.isEmpty() && !(over instanceof Stream) ? OptionalInt.of(over.length()) : OptionalInt.empty(),
                    depth, recursive ? Optional.of(again(depth, around, run)) : Optional.empty());
            // A first round that is left early does not count: the reference then renders what is for no rounds.
            boolean complete = false;
            for (Optional<Value> element = loop.next(); element.isPresent(); element = loop.next()) {
                run.meter().spendElements(1);
                Scope inner = around.inner();
                inner.set("loop", loop);
                Value current = element.get();
                Flow flow = run.within(inner, () -> {
                    target.assign(current, run);
                    return Statement.renderAll(body, run);
                });
                if (flow == Flow.BREAK) {
                    break;
                }
                complete |= flow == Flow.NEXT;
            }
            return complete || otherwise.isEmpty() ? Flow.NEXT
                    : run.within(around.inner(), () -> Statement.renderAll(otherwise, run));
        }

        private Iterator<Value> kept(Iterator<Value> all, Scope around, Run run) {
            if (test.isEmpty()) {
                return all;
            }
            return new KeptElements(all, element -> run.within(around.inner(), () -> {
                target.assign(element, run);
                return test.get().value(run).truth();
            }), run.meter());
        }

        private Function.Body again(int depth, Scope around, Run run) {
            return arguments -> {
                Value over = arguments.bind("loop", "iterable").required(0);
                return run.capture(() -> loop(over, depth + 1, around, run));
            };
        }
    }

    record Set(int line, Target target, Expression expression) implements Statement {
        @Override
        public Flow execute(Run run) {
            target.assign(expression.value(run), run);
            return Flow.NEXT;
        }
    }

    record SetBlock(int line, Target target, List<Postfix.Step> filters, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Run run) {
            target.assign(Postfix.apply(captured(body, run), filters, run), run);
            return Flow.NEXT;
        }
    }

    record FilterBlock(int line, List<Postfix.Step> filters, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Run run) {
            Value value = Postfix.apply(captured(body, run), filters, run);
            if (!(value instanceof Str text)) {
                throw new ChatTemplateException("a filter block gave " + value.type() + ", expected a string");
            }
            run.out().append(text);
            return Flow.NEXT;
        }
    }

    /** What statements write, in a scope of their own. */
    private static Str captured(List<Statement> body, Run run) {
        return run.capture(() -> run.within(run.scope().inner(), () -> Statement.renderAll(body, run)));
    }

    record With(int line, List<Target> targets, List<Expression> values, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Run run) {
            List<Value> evaluated = new ArrayList<>();
            for (Expression value : values) {
                evaluated.add(value.value(run));
            }
            return run.within(run.scope().inner(), () -> {
                for (int i = 0; i < targets.size(); i++) {
                    targets.get(i).assign(evaluated.get(i), run);
                }
                return Statement.renderAll(body, run);
            });
        }
    }

    /**
     * A named part. Nothing replaces it in a template that stands alone.
     *
     * @param scoped whether it sees the variables around it, and not only those of the template
     * @param required whether another template would have to give it
     */
    record Block(int line, String name, boolean scoped, boolean required, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Run run) {
            if (required) {
                throw new ChatTemplateException("required block '" + name + "' not found");
            }
            return run.within((scoped ? run.scope() : run.outermost()).inner(), () -> Statement.renderAll(body, run));
        }
    }

    record MacroDefinition(int line, Macro.Signature signature, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Run run) {
            run.meter().spendScope();
            run.scope().set(signature.name(), new Macro(signature, body, run.scope()));
            return Flow.NEXT;
        }
    }

    /** Calls a macro that may call the body back. */
    record CallBlock(
            int line,
            Macro.Signature signature,
            Expression callee,
            Postfix.CallArguments arguments,
            List<Statement> body)
            implements Statement {
        @Override
        public Flow execute(Run run) {
            run.meter().spendScope();
            Value called = callee.value(run);
            Arguments given = arguments.values(run);
            Map<String, Value> named = new LinkedHashMap<>(given.named());
            named.put("caller", new Macro(signature, body, run.scope()));
            called.call(new Arguments(given.positional(), named, run)).print(run.out());
            return Flow.NEXT;
        }
    }

    /** Marks what the assistant said. */
    record Generation(int line, List<Statement> body) implements Statement {
        @Override
        public Flow execute(Run run) {
            run.generate(captured(body, run));
            return Flow.NEXT;
        }
    }

    record Break(int line) implements Statement {
        @Override
        public Flow execute(Run run) {
            return Flow.BREAK;
        }
    }

    record Continue(int line) implements Statement {
        @Override
        public Flow execute(Run run) {
            return Flow.CONTINUE;
        }
    }
}

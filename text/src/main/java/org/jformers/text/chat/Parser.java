package org.jformers.text.chat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Reads the statements of a template. */
final class Parser {
    private final TokenReader in;
    private final ExpressionParser expressions;
    /** The names that the macros around read, the innermost first. */
    private final Deque<Set<String>> macroNames = new ArrayDeque<>();
    private final Map<String, Statements.Block> blocks = new HashMap<>();
    private int loops;
    private boolean generation;

    private Parser(String source) {
        in = new TokenReader(Lexer.tokens(source));
        expressions = new ExpressionParser(in, name -> macroNames.forEach(names -> names.add(name)));
    }

    /**
     * What a template consists of.
     *
     * @param blocks the named parts, which are among the statements as well
     */
    record Parsed(List<Statement> statements, Map<String, Statements.Block> blocks, boolean marksAnswers) {}

    static Parsed parse(String source) {
        Parser parser = new Parser(source);
        List<Statement> statements = parser.statements(Set.of());
        return new Parsed(statements, parser.blocks, parser.generation);
    }

    /** Reads until one of the tags, which is then the current token. */
    private List<Statement> statements(Set<String> ends) {
        in.deeper();
        List<Statement> statements = new ArrayList<>();
        while (!in.is(Token.Type.END)) {
            int line = in.line();
            if (in.is(Token.Type.DATA)) {
                statements.add(new Statements.Text(line, Str.of(in.next().text())));
            } else if (in.is(Token.Type.VARIABLE_BEGIN)) {
                in.next();
                statements.add(new Statements.Print(line, expressions.printed()));
                in.expect(Token.Type.VARIABLE_END);
            } else {
                in.expect(Token.Type.BLOCK_BEGIN);
                if (in.is(Token.Type.NAME) && ends.contains(in.current().text())) {
                    in.higher();
                    return statements;
                }
                statement(statements);
                in.expect(Token.Type.BLOCK_END);
            }
        }
        if (!ends.isEmpty()) {
            throw in.failure("the template ends, expected " + ends);
        }
        in.higher();
        return statements;
    }

    /** The statements of a tag, up to its end tag. */
    private List<Statement> body(String... ends) {
        in.skipOperator(":");
        in.expect(Token.Type.BLOCK_END);
        return statements(Set.of(ends));
    }

    private List<Statement> closedBody(String end) {
        List<Statement> body = body(end);
        in.next();
        return body;
    }

    private void statement(List<Statement> statements) {
        int line = in.line();
        if (!in.is(Token.Type.NAME)) {
            throw in.failure("expected the name of a tag, got " + in.current().describe());
        }
        String tag = in.next().text();
        switch (tag) {
            case "if" -> statements.add(ifStatement(line));
            case "for" -> statements.add(forStatement(line));
            case "set" -> statements.add(set(line));
            case "macro" -> statements.add(macro(line));
            case "call" -> statements.add(call(line));
            case "filter" -> {
                List<Postfix.Step> filters = expressions.filterChain();
                statements.add(new Statements.FilterBlock(line, filters, closedBody("endfilter")));
            }
            case "with" -> statements.add(with(line));
            case "print" -> print(line, statements);
            case "block" -> statements.add(block(line));
            case "generation" -> {
                generation = true;
                statements.add(new Statements.Generation(line, outsideLoops(() -> closedBody("endgeneration"))));
            }
            case "break", "continue" -> {
                if (loops == 0) {
                    throw in.failure("'" + tag + "' outside of a loop");
                }
                statements.add(tag.equals("break") ? new Statements.Break(line) : new Statements.Continue(line));
            }
            case "include", "import", "from", "extends" -> throw in.failure(
                    "'" + tag + "' is not allowed, a chat template stands alone");
            default -> throw in.failure("unknown tag '" + tag + "'");
        }
    }

    private Statement ifStatement(int line) {
        List<Statements.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        do {
            Expression test = expressions.tuple(expressions::or, false);
            branches.add(new Statements.Branch(test, body("elif", "else", "endif")));
        } while (in.skipName("elif"));
        if (in.skipName("else")) {
            otherwise = closedBody("endif");
        } else {
            in.expectName("endif");
        }
        return new Statements.If(line, branches, otherwise);
    }

    private Statement forStatement(int line) {
        if (in.isName("loop")) {
            throw in.failure("cannot assign to 'loop' in a loop");
        }
        Target target = targets();
        in.expectName("in");
        Expression elements = expressions.tuple(expressions::or, false);
        Optional<Expression> test =
                in.skipName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        boolean recursive = in.skipName("recursive");
        loops++;
        List<Statement> body = body("endfor", "else");
        loops--;
        List<Statement> otherwise = in.next().text().equals("else") ? closedBody("endfor") : List.of();
        return new Statements.For(line, target, elements, test, body, otherwise, recursive);
    }

    private Statement set(int line) {
        Target target = targets();
        if (in.skipOperator("=")) {
            return new Statements.Set(line, target, expressions.tuple());
        }
        List<Postfix.Step> filters = in.skipOperator("|") ? expressions.filterChain() : List.of();
        return new Statements.SetBlock(line, target, filters, closedBody("endset"));
    }

    /** One target, or several separated by commas. */
    private Target targets() {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        while (in.is(Token.Type.NAME) || in.isOperator("(")) {
            targets.add(target());
            if (!in.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (targets.isEmpty()) {
            throw in.failure("expected a name to assign to, got " + in.current().describe());
        }
        return several ? new Target.Several(targets) : targets.get(0);
    }

    private Target target() {
        if (in.skipOperator("(")) {
            in.deeper();
            Target inner = targets();
            in.expectOperator(")");
            in.higher();
            return inner;
        }
        String name = assignable();
        return in.skipOperator(".") ? new Target.Attribute(name, in.expectName()) : new Target.Name(name);
    }

    private String assignable() {
        String name = in.expectName();
        if (Set.of("true", "false", "none", "True", "False", "None").contains(name)) {
            throw in.failure("cannot assign to '" + name + "'");
        }
        return name;
    }

    /** Reads what the loops around do not reach. */
    private List<Statement> outsideLoops(Supplier<List<Statement>> body) {
        int around = loops;
        loops = 0;
        List<Statement> statements = body.get();
        loops = around;
        return statements;
    }

    /** The names and default values of parameters. */
    private record Parameters(List<String> names, List<Expression> defaults) {}

    private Parameters parameters() {
        List<String> names = new ArrayList<>();
        List<Expression> defaults = new ArrayList<>();
        in.expectOperator("(");
        while (!in.isOperator(")")) {
            if (!names.isEmpty()) {
                in.expectOperator(",");
            }
            names.add(assignable());
            if (in.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw in.failure("a parameter without a default follows one with a default");
            }
        }
        in.next();
        return new Parameters(names, defaults);
    }

    /** The body of a macro, and a signature that knows what the body names. */
    private record Definition(Macro.Signature signature, List<Statement> body) {}

    private Definition definition(String name, Parameters parameters, String end) {
        macroNames.push(new HashSet<>());
        List<Statement> body = outsideLoops(() -> closedBody(end));
        return new Definition(
                new Macro.Signature(name, parameters.names, parameters.defaults, macroNames.pop()), body);
    }

    private Statement macro(int line) {
        String name = assignable();
        Definition definition = definition(name, parameters(), "endmacro");
        return new Statements.MacroDefinition(line, definition.signature, definition.body);
    }

    private Statement call(int line) {
        Parameters parameters = in.isOperator("(") ? parameters() : new Parameters(List.of(), List.of());
        Expression call = expressions.expression();
        if (!(call instanceof Postfix postfix)
                || !(postfix.steps().get(postfix.steps().size() - 1) instanceof Postfix.Call last)) {
            throw in.failure("expected a call of a macro");
        }
        List<Postfix.Step> before = postfix.steps().subList(0, postfix.steps().size() - 1);
        Expression callee = new Postfix(line, postfix.base(), before);
        Definition definition = definition("caller", parameters, "endcall");
        return new Statements.CallBlock(line, definition.signature, callee, last.arguments(), definition.body);
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!in.is(Token.Type.BLOCK_END)) {
            if (!targets.isEmpty()) {
                in.expectOperator(",");
            }
            targets.add(new Target.Name(assignable()));
            in.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statements.With(line, targets, values, closedBody("endwith"));
    }

    private void print(int line, List<Statement> statements) {
        boolean first = true;
        while (!in.is(Token.Type.BLOCK_END)) {
            if (!first) {
                in.expectOperator(",");
            }
            first = false;
            statements.add(new Statements.Print(line, expressions.expression()));
        }
    }

    private Statement block(int line) {
        String name = in.expectName();
        boolean scoped = in.skipName("scoped");
        boolean required = in.skipName("required");
        List<Statement> body = outsideLoops(() -> closedBody("endblock"));
        in.skipName(name);
        if (required && !body.stream().allMatch(Parser::isBlank)) {
            throw in.failure("a required block can only contain comments or white space");
        }
        Statements.Block block = new Statements.Block(line, name, scoped, required, body);
        if (blocks.put(name, block) != null) {
            throw in.failure("block '" + name + "' defined twice");
        }
        return block;
    }

    private static boolean isBlank(Statement statement) {
        return statement instanceof Statements.Text text
                && text.text().string().chars().allMatch(Characters::isSpace);
    }
}

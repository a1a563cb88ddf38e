package org.jformers.text.chat;

import java.util.List;

/** Goes through the tokens of a template, and counts how deep its parts nest. */
final class TokenReader {
    /** As deep as the stack of a parser may become. */
    private static final int DEPTH = 70;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token following() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    int line() {
        return current().line();
    }

    /** Goes one token ahead and returns the one before. */
    Token next() {
        Token token = current();
        at = Math.min(at + 1, tokens.size() - 1);
        return token;
    }

    boolean isOperator(String operator) {
        return current().isOperator(operator);
    }

    boolean isName(String name) {
        return current().isName(name);
    }

    boolean is(Token.Type type) {
        return current().type() == type;
    }

    boolean skipOperator(String operator) {
        boolean found = isOperator(operator);
        if (found) {
            next();
        }
        return found;
    }

    boolean skipName(String name) {
        boolean found = isName(name);
        if (found) {
            next();
        }
        return found;
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw failure("expected '" + operator + "', got " + current().describe());
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw failure("expected '" + name + "', got " + current().describe());
        }
    }

    String expectName() {
        if (!is(Token.Type.NAME)) {
            throw failure("expected a name, got " + current().describe());
        }
        return next().text();
    }

    void expect(Token.Type type) {
        if (!is(type)) {
            throw failure("expected " + Token.of(type, "", 0).describe() + ", got " + current().describe());
        }
        next();
    }

    void deeper() {
        if (++depth > DEPTH) {
            throw failure("tags and brackets nest deeper than " + DEPTH);
        }
    }

    void higher() {
        depth--;
    }

    ChatTemplateException failure(String message) {
        return new ChatTemplateException("line " + line() + ": " + message);
    }
}

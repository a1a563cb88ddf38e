package org.jformers.text.chat;

/**
 * A token of a template.
 *
 * @param type what it is
 * @param text a name, an operator, or the text of data and of a string
 * @param number the value of a number, otherwise none
 * @param line where it begins
 */
record Token(Type type, String text, Value number, int line) {

    /** Kinds of tokens. */
    enum Type {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        NUMBER,
        OPERATOR,
        END
    }

    static Token of(Type type, String text, int line) {
        return new Token(type, text, None.NONE, line);
    }

    boolean isOperator(String operator) {
        return type == Type.OPERATOR && text.equals(operator);
    }

    boolean isName(String name) {
        return type == Type.NAME && text.equals(name);
    }

    /** How an error shows it. */
    String describe() {
        return switch (type) {
            case DATA -> "text";
            case VARIABLE_BEGIN -> "'{{'";
            case VARIABLE_END -> "'}}'";
            case BLOCK_BEGIN -> "'{%'";
            case BLOCK_END -> "'%}'";
            case NUMBER -> "number " + text;
            case END -> "the end of the template";
            default -> "'" + text + "'";
        };
    }
}

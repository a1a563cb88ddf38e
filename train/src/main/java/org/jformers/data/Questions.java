package org.jformers.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Questions about contexts, in which their answers stand.
 *
 * @param name where they come from, for messages
 * @param questions the questions in the order of the file
 * @param blanks how many were left out because something was blank, by what it was
 */
public record Questions(String name, List<Question> questions, Map<String, Long> blanks) {

    public Questions {
        questions = List.copyOf(questions);
        if (questions.isEmpty()) {
            throw new DataException(name + ": no questions" + (blanks.isEmpty()
                    ? "" : " left: all have a blank " + String.join(" or ", blanks.keySet())));
        }
    }

    /**
     * A question.
     *
     * @param id its name in files of predictions
     * @param question its text, without blanks before it
     * @param context the text that answers it, or does not
     * @param answers the accepted answers; none if the context does not answer it
     */
    public record Question(String id, String question, String context, List<Answer> answers) {
        public Question {
            question = question.replaceFirst("^[\\s\\p{Z}\\x{1C}-\\x{1F}\\x{85}]+", "");
            answers = List.copyOf(answers);
        }

        /** Whether it has an answer that does not stand where it should, so that nothing can be learned from it. */
        public boolean misplaced() {
            return !answers.isEmpty() && answers.get(0).start().isEmpty();
        }
    }

    /**
     * An answer.
     *
     * @param start where it begins in the context, in code points; empty if it does not stand there
     */
    public record Answer(String text, OptionalInt start) {
        /** An answer that is said to begin at a code point. */
        static Answer at(String context, String text, int start) {
            boolean inside = start >= 0 && start <= context.codePointCount(0, context.length());
            return inside && context.startsWith(text, context.offsetByCodePoints(0, start))
                    ? new Answer(text, OptionalInt.of(start))
                    : new Answer(text, OptionalInt.empty());
        }

        /** An answer wherever it stands first. */
        static Answer in(String context, String text) {
            int at = context.indexOf(text);
            return new Answer(text, at < 0 ? OptionalInt.empty() : OptionalInt.of(context.codePointCount(0, at)));
        }

        /** Behind its last character. */
        public int end() {
            return start.orElseThrow() + text.codePointCount(0, text.length());
        }
    }

    /**
     * Where a table has them.
     *
     * @param answer column of the answer, which is blank where there is none
     * @param start column of its place in the context, in code points; without it the answer's first place counts
     */
    public record Columns(String question, String context, String answer, Optional<String> start) {}

    /**
     * Reads a file: SQuAD's JSON if its name ends in {@code .json}, otherwise a table; also with {@code .gz} behind.
     *
     * @param columns of a table
     */
    public static Questions read(Path file, Columns columns) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        return name.endsWith(".json") ? SquadFile.read(DataFile.of(file)) : of(table(file, columns), columns);
    }

    private static Table table(Path file, Columns columns) {
        List<String> optional = new ArrayList<>(List.of(columns.answer()));
        columns.start().ifPresent(optional::add);
        return Table.read(DataSource.of(file), List.of(columns.question(), columns.context()), optional);
    }

    private static Questions of(Table table, Columns columns) {
        List<Question> questions = new ArrayList<>();
        for (int row = 0; row < table.size(); row++) {
            String context = table.column(columns.context()).get(row);
            questions.add(new Question(Long.toString(table.rows()[row]), table.column(columns.question()).get(row),
                    context, answers(table, columns, row, context)));
        }
        return new Questions(table.name(), questions, table.blanks());
    }

    private static List<Answer> answers(Table table, Columns columns, int row, String context) {
        String answer = table.column(columns.answer()).get(row).strip();
        if (answer.isEmpty()) {
            return List.of();
        }
        String start = columns.start().map(column -> table.column(column).get(row).strip()).orElse("");
        if (!start.matches("[0-9]{0,9}")) {
            throw new DataException(table.row(row) + ": " + columns.start().orElseThrow() + " is \"" + start
                    + "\", allowed: the number of the answer's first character, from 0");
        }
        return List.of(start.isEmpty() ? Answer.in(context, answer)
                : Answer.at(context, answer, Integer.parseInt(start)));
    }

    /** Number of questions. */
    public int size() {
        return questions.size();
    }

    /** The questions with these indices, in this order; what was left out is not theirs. */
    public Questions select(int[] indices) {
        return new Questions(name, Arrays.stream(indices).mapToObj(questions::get).toList(), Map.of());
    }
}

package org.jformers.data;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jformers.VisibleText;

/**
 * Questions with choices, of which one is right.
 *
 * @param texts the questions
 * @param choices the choices of each, two or more
 * @param right which of the choices is right, from 0
 */
public record ChoiceQuestions(List<String> texts, List<List<String>> choices, int[] right) {

    /**
     * Where a table has them.
     *
     * @param text column of the question
     * @param start column of a text that each choice goes on with, if there is one
     * @param choices columns of the choices, of which a row may leave the last ones blank; or the one column of lists
     * @param label column that tells the right choice
     */
    public record Columns(String text, Optional<String> start, List<String> choices, String label) {
        public Columns {
            choices = List.copyOf(choices);
        }
    }

    /** How labels name a choice. */
    public enum LabelForm {
        /** By its number, from 0. */
        NUMBER {
            @Override
            int choice(String label, List<String> choices) {
                return label.matches("[0-9]{1,9}") ? Integer.parseInt(label) : -1;
            }
        },
        /** By its letter: A for the first. */
        LETTER {
            @Override
            int choice(String label, List<String> choices) {
                return label.matches("[A-Za-z]") ? label.toUpperCase(Locale.ROOT).charAt(0) - 'A' : -1;
            }
        },
        /** By its text. */
        TEXT {
            @Override
            int choice(String label, List<String> choices) {
                int first = choices.indexOf(label);
                return first == choices.lastIndexOf(label) ? first : -1;
            }
        };

        /** Which of the choices it is; -1, or a number beyond them, for none. */
        abstract int choice(String label, List<String> choices);

        private boolean fits(String label, List<String> choices) {
            int choice = choice(label, choices);
            return choice >= 0 && choice < choices.size();
        }
    }

    /**
     * The first of the forms that all labels of a table have.
     *
     * @throws DataException naming the first row that does not fit
     */
    public static LabelForm form(Table table, Columns columns) {
        Set<LabelForm> left = EnumSet.allOf(LabelForm.class);
        for (int row = 0; row < table.size(); row++) {
            List<String> choices = choices(table, columns, row);
            String label = table.column(columns.label()).get(row).strip();
            left.removeIf(form -> !form.fits(label, choices));
            if (left.isEmpty()) {
                throw wrong(table, columns, row, choices, "a number from 0 to " + (choices.size() - 1) + ", a letter"
                        + " from A to " + (char) ('A' + Math.min(26, choices.size()) - 1)
                        + ", or the text of a choice, in all rows the same");
            }
        }
        return left.iterator().next();
    }

    /**
     * The questions of a table.
     *
     * @param form how labels name a choice
     * @throws DataException naming the first row that does not fit
     */
    public static ChoiceQuestions of(Table table, Columns columns, LabelForm form) {
        List<List<String>> all = new ArrayList<>();
        int[] right = new int[table.size()];
        for (int row = 0; row < right.length; row++) {
            List<String> choices = choices(table, columns, row);
            String label = table.column(columns.label()).get(row).strip();
            if (!form.fits(label, choices)) {
                throw wrong(table, columns, row, choices, "the " + form.name().toLowerCase(Locale.ROOT) + " of one of "
                        + choices.size() + " choices, as in the other rows");
            }
            right[row] = form.choice(label, choices);
            all.add(choices);
        }
        return new ChoiceQuestions(table.column(columns.text()), all, right);
    }

    private static DataException wrong(
            Table table, Columns columns, int row, List<String> choices, String allowed) {
        return new DataException(table.row(row) + ": " + columns.label() + " is \""
                + VisibleText.line(table.column(columns.label()).get(row)) + "\" for " + choices.size()
                + " choices, allowed: " + allowed);
    }

    private static List<String> choices(Table table, Columns columns, int row) {
        List<String> choices = columns.choices().size() == 1
                ? listed(table, columns.choices().get(0), row)
                : inColumns(table, columns.choices(), row);
        if (choices.size() < 2) {
            throw new DataException(table.row(row) + ": got " + choices.size() + " choice, allowed two or more");
        }
        return choices;
    }

    private static List<String> listed(Table table, String column, int row) {
        String value = table.column(column).get(row).strip();
        return JsonList.elements(value, table.row(row) + ": " + column)
                .orElseThrow(() -> new DataException(table.row(row) + ": " + column + " is \""
                        + VisibleText.line(value) + "\", allowed: a list of choices; or name a column for each choice"))
                .stream().map(String::strip).toList();
    }

    private static List<String> inColumns(Table table, List<String> columns, int row) {
        List<String> choices = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            String choice = table.column(columns.get(i)).get(row).strip();
            if (!choice.isEmpty() && choices.size() < i) {
                throw new DataException(table.row(row) + ": " + columns.get(choices.size()) + " is blank before "
                        + columns.get(i) + ", allowed: blanks behind the last choice");
            }
            if (!choice.isEmpty()) {
                choices.add(choice);
            }
        }
        return List.copyOf(choices);
    }

    /** Number of questions. */
    public int size() {
        return texts.size();
    }
}

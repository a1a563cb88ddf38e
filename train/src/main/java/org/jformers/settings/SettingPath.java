package org.jformers.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The written form of a path into a tree of settings: {@code a.b[0].c} or {@code a.b.0.c}. */
final class SettingPath {
    private static final Pattern FORM = Pattern.compile("[^.\\[\\]]+(\\.[^.\\[\\]]+|\\[\\d+])*");

    private SettingPath() {}

    /** The steps from the root to the setting. */
    static List<String> steps(String path) {
        if (!FORM.matcher(path).matches()) {
            throw new SettingsException("not a path of a setting: '" + path + "', expected a form like a.b or a[0].b");
        }
        List<String> steps = new ArrayList<>();
        for (String step : path.split("[.\\[]")) {
            steps.add(step.endsWith("]") ? step.substring(0, step.length() - 1) : step);
        }
        return steps;
    }
}

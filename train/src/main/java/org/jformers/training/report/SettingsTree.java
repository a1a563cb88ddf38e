package org.jformers.training.report;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A JSON tree as nested, collapsible lists. */
final class SettingsTree {
    private SettingsTree() {}

    static String html(JsonNode settings) {
        StringBuilder out = new StringBuilder("<div class='tree'>\n");
        children(out, settings, 0);
        return out.append("</div>\n").toString();
    }

    private static void children(StringBuilder out, JsonNode node, int depth) {
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> field : node.properties()) {
                entry(out, field.getKey(), field.getValue(), depth);
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                entry(out, Integer.toString(i), node.get(i), depth);
            }
        } else {
            entry(out, "value", node, depth);
        }
    }

    private static void entry(StringBuilder out, String key, JsonNode value, int depth) {
        String name = "<span class='key'>" + Markup.escape(key) + "</span>";
        if (!value.isContainerNode() || value.isEmpty() || isListOfValues(value)) {
            out.append("<div class='leaf'>").append(name).append("<span class='value'>")
                    .append(Markup.escape(text(value))).append("</span></div>\n");
            return;
        }
        out.append(depth < 2 ? "<details open=''>" : "<details>").append("<summary>").append(name)
                .append("</summary>\n");
        children(out, value, depth + 1);
        out.append("</details>\n");
    }

    private static boolean isListOfValues(JsonNode node) {
        if (!node.isArray()) {
            return false;
        }
        for (JsonNode element : node) {
            if (element.isContainerNode()) {
                return false;
            }
        }
        return true;
    }

    private static String text(JsonNode node) {
        if (node.isArray()) {
            List<String> parts = new ArrayList<>();
            node.forEach(element -> parts.add(element.asText()));
            return parts.isEmpty() ? "none" : String.join(", ", parts);
        }
        return node.isContainerNode() || node.isNull() ? "none" : node.asText();
    }
}

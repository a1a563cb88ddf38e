package org.jformers.training.report;

import java.util.List;
import org.jformers.training.report.ReportData.AttentionMaps;

/** Attention maps of a few samples, one figure for each sample and layer; the page's script shows one at a time. */
final class AttentionSection {
    private AttentionSection() {}

    static String html(List<AttentionMaps> samples) {
        StringBuilder out = new StringBuilder("<div class='picker' hidden=''>\n<label>Sample <select>");
        int layers = 0;
        for (int i = 0; i < samples.size(); i++) {
            out.append("<option value='").append(i).append("'>").append(Markup.escape(samples.get(i).title()))
                    .append("</option>");
            layers = Math.max(layers, samples.get(i).weights().length);
        }
        out.append("</select></label>\n<span class='layers' role='group' aria-label='Layer'>");
        for (int layer = 0; layer < layers; layer++) {
            out.append("<button type='button' data-layer='").append(layer).append("'>layer ").append(layer + 1)
                    .append("</button>");
        }
        out.append("</span>\n</div>\n");
        for (int i = 0; i < samples.size(); i++) {
            figures(out, i, samples.get(i));
        }
        return out.toString();
    }

    private static void figures(StringBuilder out, int index, AttentionMaps maps) {
        for (int layer = 0; layer < maps.weights().length; layer++) {
            out.append("<figure class='maps' data-sample='").append(index).append("' data-layer='").append(layer)
                    .append("'>\n<figcaption><b>").append(Markup.escape(maps.title())).append("</b>, layer ")
                    .append(layer + 1).append(" · rows: ").append(Markup.escape(maps.rowAxis())).append(" · columns: ")
                    .append(Markup.escape(maps.columnAxis())).append("</figcaption>\n<div class='scroll'>")
                    .append(maps.plot(layer).fragment()).append("</div>\n</figure>\n");
        }
    }
}

package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class AttentionPlotTest {
    @TempDir
    Path folder;

    private static float[][][] diagonal(int heads, int rows, int columns) {
        float[][][] weights = new float[heads][rows][columns];
        for (float[][] head : weights) {
            for (int row = 0; row < rows; row++) {
                head[row][row % columns] = 1;
            }
        }
        return weights;
    }

    private static AttentionPlot plot(int heads, List<String> rows, List<String> columns) {
        return new AttentionPlot("cat → K AE1 T", "phonemes written", "letters read", rows, columns,
                diagonal(heads, rows.size(), columns.size()));
    }

    private static final List<String> PHONEMES = List.of("K", "AE1", "T", "</s>");
    private static final List<String> LETTERS = List.of("c", "a", "t");

    @Test
    void drawsOnePanelForEachHeadWithTokensOnBothAxes() throws Exception {
        Document svg = Xml.parse(plot(8, PHONEMES, LETTERS).svg());
        List<String> texts = Xml.texts(svg, "text");
        for (int head = 1; head <= 8; head++) {
            assertThat(texts).contains("head " + head);
        }
        for (String token : PHONEMES) {
            assertThat(texts).filteredOn(token::equals).hasSize(8);
        }
        for (String token : LETTERS) {
            assertThat(texts).filteredOn(token::equals).hasSize(8);
        }
        assertThat(Xml.texts(svg, "title")).containsExactly("cat → K AE1 T");
        assertThat(Xml.texts(svg, "desc").get(0)).contains("8 heat maps", "phonemes written: K AE1 T </s>");
        assertThat(texts).anyMatch(text -> text.contains("phonemes written") && text.contains("letters read"));
    }

    @Test
    void laysEightHeadsOutTwoByFour() throws Exception {
        NodeList texts = Xml.parse(plot(8, PHONEMES, LETTERS).svg()).getElementsByTagName("text");
        Set<String> xs = new HashSet<>();
        Set<String> ys = new HashSet<>();
        for (int i = 0; i < texts.getLength(); i++) {
            Element text = (Element) texts.item(i);
            if (text.getTextContent().startsWith("head ")) {
                xs.add(text.getAttribute("x"));
                ys.add(text.getAttribute("y"));
            }
        }
        assertThat(xs).hasSize(4);
        assertThat(ys).hasSize(2);
    }

    @Test
    void paintsTheCellsThatAreAttendedTo() throws Exception {
        float[][][] weights = {{{0, 1, 1, 0}, {0.5f, 0, 0, Float.NaN}}};
        AttentionPlot plot = new AttentionPlot("t", "r", "c", List.of("x", "y"), List.of("a", "b", "c", "d"), weights);
        Document svg = Xml.parse(plot.svg());
        Element map = (Element) svg.getElementsByTagName("g").item(1); // the first is the color scale
        NodeList paths = map.getElementsByTagName("path");
        assertThat(paths.getLength()).isEqualTo(3);
        assertThat(((Element) paths.item(0)).getAttribute("d")).as("not finite").isEqualTo("M3 1h1v1H3z");
        assertThat(((Element) paths.item(1)).getAttribute("d")).as("a half").isEqualTo("M0 1h1v1H0z");
        assertThat(((Element) paths.item(2)).getAttribute("d")).as("two ones").isEqualTo("M1 0h2v1H1z");
        assertThat(((Element) paths.item(2)).getAttribute("fill"))
                .isEqualTo(HeatScale.hex(HeatScale.light(HeatScale.LEVELS - 1)));
    }

    @Test
    void drawsFromOneHeadWithOneTokenToManyOfBoth() throws Exception {
        for (int heads : new int[] {1, 3, 5, 16}) {
            for (int tokens : new int[] {1, 2, 25, 60}) {
                List<String> labels = Collections.nCopies(tokens, "▁Straßenbahnhaltestelle");
                Document svg = Xml.parse(plot(heads, labels, labels.subList(0, (tokens + 1) / 2)).svg());
                assertThat(Xml.texts(svg, "text")).filteredOn("▁Straßenbahnhal…"::equals)
                        .hasSize(heads * (tokens + (tokens + 1) / 2));
            }
        }
    }

    @Test
    void keepsHostileTokensAsText() throws Exception {
        List<String> hostile = List.of("<script>", "\"'&", "🐘", "é", "", "\u0000", "\ud800", "\n", "a b", "]]>");
        AttentionPlot plot = new AttentionPlot("</svg><script>alert(1)</script>", "<r>", "&c", hostile, hostile,
                diagonal(2, hostile.size(), hostile.size()));
        for (String svg : List.of(plot.svg(), plot.fragment())) {
            Document document = Xml.parse(svg);
            assertThat(document.getElementsByTagName("script").getLength()).isZero();
            assertThat(Xml.texts(document, "text"))
                    .contains("<script>", "\"'&", "🐘", "é", "␀", "\ufffd", "↵", "a␣b", "]]>");
        }
        assertThat(Xml.texts(Xml.parse(plot.svg()), "title")).containsExactly("</svg><script>alert(1)</script>");
    }

    @Test
    void loadsNothing() {
        String svg = plot(2, PHONEMES, LETTERS).svg().replace("http://www.w3.org/2000/svg", "");
        assertThat(svg).doesNotContain("http", "href", "url(", "@import", "<script", "<image", "<style");
    }

    @Test
    void drawsTheSameColorsIntoAPng() throws IOException {
        AttentionPlot plot = plot(8, PHONEMES, LETTERS);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(plot.png()));
        Set<Integer> colors = new HashSet<>();
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                colors.add(image.getRGB(x, y) & 0xFFFFFF);
            }
        }
        assertThat(colors).contains(0xffffff, Canvas.Ink.FRAME.color, HeatScale.light(0));
        assertThat(colors).containsAll(IntStream.range(0, HeatScale.LEVELS).mapToObj(HeatScale::light).toList());
        assertThat(plot.svg())
                .contains("viewBox=\"0 0 " + image.getWidth() / 2 + " " + image.getHeight() / 2 + "\"");
    }

    @Test
    void writesTheFormatThatTheNameAsksFor() throws IOException {
        AttentionPlot plot = plot(1, PHONEMES, LETTERS);
        plot.write(folder.resolve("new/a.SVG"));
        plot.write(folder.resolve("new/a.png"));
        assertThat(folder.resolve("new/a.SVG")).hasContent(plot.svg());
        assertThat(Files.readAllBytes(folder.resolve("new/a.png"))).isEqualTo(plot.png());
        try (Stream<Path> files = Files.list(folder.resolve("new"))) {
            assertThat(files).as("no temporary file stays").hasSize(2);
        }
        assertThatThrownBy(() -> plot.write(folder.resolve("a.gif")))
                .isInstanceOf(ReportException.class).hasMessageContaining(".svg or .png").hasMessageContaining("a.gif");
    }

    @Test
    void refusesWeightsThatDoNotFitTheLabels() {
        assertThatThrownBy(() -> new AttentionPlot("t", "r", "c", PHONEMES, LETTERS, diagonal(2, 3, 3)))
                .isInstanceOf(ReportException.class).hasMessageContaining("4 row labels").hasMessageContaining("got 3");
        assertThatThrownBy(() -> new AttentionPlot("t", "r", "c", PHONEMES, LETTERS, diagonal(2, 4, 4)))
                .isInstanceOf(ReportException.class).hasMessageContaining("3 column labels");
        assertThatThrownBy(() -> new AttentionPlot("t", "r", "c", PHONEMES, LETTERS, new float[0][][]))
                .isInstanceOf(ReportException.class).hasMessageContaining("at least one head");
    }

    @Test
    void refusesAPngThatWouldNotFitIntoMemory() {
        List<String> many = Collections.nCopies(600, "x");
        AttentionPlot plot = plot(16, many, many);
        assertThatThrownBy(plot::png).isInstanceOf(ReportException.class).hasMessageContaining("600 by 600 tokens");
    }
}

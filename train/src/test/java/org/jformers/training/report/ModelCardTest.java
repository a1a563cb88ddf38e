package org.jformers.training.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelCardTest {
    private static ReportData data(List<ReportData.Result> results) throws Exception {
        return new ReportData("g2p.\"test\"", "Pronounces English.", "12.3 % wrong", List.of(),
                List.of(new ReportData.Measure("phoneme error rate", "%", 2, false),
                        new ReportData.Measure("bits per byte", "", 3, false)),
                results, List.of(), List.of(), List.of(),
                new RunFacts("2026-11-21T00:00:00Z", 205, 2254, 1_500_000, "tokens", 1_234_567, 7, "bfloat16 autocast",
                        0.01,
                        new RunFacts.Machine("CPU", 2, "Linux amd64", "Temurin 17", "jformers 0.1.0")),
                new JsonMapper().readTree("{\"model\": {\"d_model\": 64}, \"data\": {\"dir\": \"/home/somebody\"}}"));
    }

    @Test
    void tellsTheHubAndPeopleTheSame(@TempDir Path folder) throws Exception {
        ReportData data = data(List.of(
                new ReportData.Result("this model", "", List.of(12.345, Double.NaN)),
                new ReportData.Result("letters | in context", "", List.of(14.7, 2.0))));
        new ModelCard(data, "text2text-generation", "5,000 words").write(folder);
        assertThat(Files.readString(folder.resolve("README.md"))).startsWith("""
                ---
                library_name: jformers
                pipeline_tag: text2text-generation
                tags:
                - jformers
                model-index:
                - name: "g2p.\\"test\\""
                  results:
                  - task:
                      type: text2text-generation
                    dataset:
                      type: 5_000_words
                      name: "5,000 words"
                    metrics:
                    - type: phoneme_error_rate
                      name: "phoneme error rate (%)"
                      value: 12.35
                ---

                # g2p."test"
                """)
                .contains("| | phoneme error rate (%) | bits per byte |\n|---|---|---|\n"
                        + "| this model | 12.35 | – |\n| letters \\| in context | 14.70 | 2.000 |\n")
                .contains("1,234,567 parameters, 2,254 steps over 1,500,000 tokens in 3 min 25 s on CPU with 2 cores")
                .contains("\"d_model\" : 64").doesNotContain("somebody");
    }

    @Test
    void aRunWithoutResultsHasACardToo() throws Exception {
        assertThat(new ModelCard(data(List.of()), "text-generation", "text").text())
                .contains("    metrics: []\n---").contains("jformers generate");
    }

    @ParameterizedTest
    @CsvSource({"text-classification", "token-classification"})
    void tellsHowToUseTheModel(String task) throws Exception {
        String card = new ModelCard(data(List.of()), task, "sst2").text();

        assertThat(card).contains("\npipeline_tag: " + task + "\n", "      type: " + task + "\n",
                "```\n./jformers run " + task + " --model MODEL \"...\"\n```");
    }

    /** Names and texts out of files are text on the page of the hub, wherever they stand. */
    @ParameterizedTest
    @CsvSource(delimiter = '¦', textBlock = """
            <script>alert(1)</script> ¦ &lt;script&gt;alert(1)&lt;/script&gt;
            [a](javascript:b)         ¦ \\[a\\](javascript:b)
            ![a](http://b/c.png)      ¦ \\!\\[a\\](http://b/c.png)
            **bold** `code` _it_ ~~s~ ¦ \\*\\*bold\\*\\* \\`code\\` \\_it\\_ \\~\\~s\\~
            # head | cell \\ &amp;    ¦ \\# head \\| cell \\\\ &amp;amp;
            - item                    ¦ \\- item
            12. item                  ¦ 12\\. item
            12.5 % - wrong            ¦ 12.5 % - wrong
            --- ¦ \\---
            """)
    void whatFilesHoldIsText(String text, String shown, @TempDir Path folder) throws Exception {
        ReportData data = new ReportData(text, text, text, List.of(),
                List.of(new ReportData.Measure(text, "", 2, false)),
                List.of(new ReportData.Result(text, text, List.of(1.0))), List.of(), List.of(), List.of(),
                data(List.of()).facts(),
                new JsonMapper().createObjectNode().set("model", new JsonMapper().createObjectNode().put(text, text)));
        String card = new ModelCard(data, "text-generation", text).text();
        assertThat(card).doesNotContain("<script")
                .contains("\n# " + shown + "\n\n" + shown + "\n\n" + shown + "\n\n## Results\n\nOn rows of " + shown
                        + " that training never saw:\n\n| | " + shown + " |\n|---|---|\n| " + shown + " | 1.00 |\n");
        assertThat(Markup.markdown("a\n\n# b\u001b\u202e")).isEqualTo("a\\\\n\\\\n\\# b\\\\u001b\\\\u202e");
        HtmlReport.write(folder.resolve("report.html"), data, List.of());
        String report = Files.readString(folder.resolve("report.html"));
        assertThat(report.replaceAll("(?s)<script>(?!alert).*?</script>", "")).doesNotContain("<script");
    }
}

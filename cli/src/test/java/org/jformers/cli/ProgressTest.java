package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ProgressTest {
    private static final String CLEAR = "\r\u001b[K";

    private final StringWriter text = new StringWriter();
    private final PrintWriter err = new PrintWriter(text, true);
    private long millis;

    @Test
    void drawsABarWithTheTimeLeft() {
        Progress bar = new ProgressBar("train", pace(0, 4000), 120, err);
        millis = 10_000;
        bar.update(1000, "loss 1.234", "5,120 tokens/s");
        assertThat(text.toString()).isEqualTo(
                CLEAR + "train  25 % [=====               ] 1,000/4,000  0:30 left  loss 1.234  5,120 tokens/s");
    }

    /** Ends as Ctrl-C ends a process: hooks run, while the work goes on. */
    public static void main(String[] arguments) {
        Progress bar = Progress.startUnsaved("bytes", 100, new PrintWriter(System.err, true));
        bar.update(7, "model.bin");
        Thread work = new Thread(() -> {
            for (long done = 8;; done++) {
                bar.update(done % 100, "model.bin");
            }
        });
        work.setDaemon(true);
        work.start();
        System.exit(130);
    }

    @Test
    void leavesNoHalfLineWhenTheProcessIsToldToEnd() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Djformers.columns=80", "-cp",
                System.getProperty("java.class.path"), ProgressTest.class.getName()).start();
        String drawn = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(drawn).contains("bytes   7 %").endsWith("\n").containsOnlyOnce("\n");
    }

    @Test
    void drawsNoMoreOftenThanTheEyeSees() {
        Progress bar = new ProgressBar("train", pace(0, 1000), 120, err);
        for (int step = 1; step <= 1000; step++) {
            millis++;
            bar.update(step, "");
        }
        bar.close();
        assertThat(text.toString().split("\r", -1)).hasSizeBetween(10, 13);
        assertThat(text.toString()).endsWith("train 100 % [====================] 1,000/1,000  0:01\n");
    }

    /** A bar gets narrower, then fields go from the right, each as a whole. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            80 | training  25 % [==         ] 1,000/4,000  0:30 left  loss 1.234  5,120 tokens/s
            74 | training  25 % [=    ] 1,000/4,000  0:30 left  loss 1.234  5,120 tokens/s
            73 | training  25 % [=====               ] 1,000/4,000  0:30 left  loss 1.234
            58 | training  25 % [=    ] 1,000/4,000  0:30 left  loss 1.234
            57 | training  25 % [====            ] 1,000/4,000  0:30 left
            44 | training  25 % [===           ] 1,000/4,000
            30 | training  25 % [===         ]
            12 | training  2
            """)
    void fitsIntoNarrowTerminals(int columns, String line) {
        Progress bar = new ProgressBar("training", pace(0, 4000), columns, err);
        millis = 10_000;
        bar.update(1000, "loss 1.234", "5,120 tokens/s");
        assertThat(text.toString()).isEqualTo(CLEAR + line).hasSizeLessThan(CLEAR.length() + columns);
    }

    @Test
    void keepsLinesThatWereSaid() {
        Progress bar = new ProgressBar("train", pace(0, 10), 120, err);
        bar.update(1, "loss 2");
        bar.say("evaluated: 3 %");
        String drawn = "train  10 % [==                  ] 1/10  0:00 left  loss 2";
        assertThat(text.toString()).isEqualTo(CLEAR + drawn + CLEAR + "evaluated: 3 %\n" + CLEAR + drawn);
    }

    @Test
    void printsALineEveryFewSecondsWithoutATerminal() {
        Progress lines = new ProgressLines("train", pace(0, 100), err);
        for (int step = 1; step <= 100; step++) {
            millis += 100;
            lines.update(step, "loss " + step);
        }
        lines.say("done");
        lines.close();
        assertThat(text.toString()).isEqualTo("""
                train 1/100  0:09 left  loss 1
                train 51/100  0:04 left  loss 51
                done
                train 100/100  0:10  loss 100
                """);
    }

    @Test
    void doesNotCountWhatAnEarlierRunDid() {
        Pace pace = pace(500, 1000);
        assertThat(pace.clock()).isEqualTo("--:-- left");
        millis = 7_200_000;
        pace.reach(750);
        assertThat(pace.clock()).isEqualTo("2:00:00 left");
        assertThat(pace.share()).isEqualTo(0.75);
    }

    @Test
    void countsTheTimeLeftByWhatIsKnownOfTheWholeNow() {
        Progress lines = new ProgressLines("train", pace(0, 4000), err);
        millis = 10_000;
        lines.expect(2000);
        lines.update(1000, "");
        assertThat(text.toString()).isEqualTo("train 1,000/2,000  0:10 left\n");
    }

    private Pace pace(long done, long total) {
        return new Pace(done, total, () -> TimeUnit.MILLISECONDS.toNanos(millis));
    }
}

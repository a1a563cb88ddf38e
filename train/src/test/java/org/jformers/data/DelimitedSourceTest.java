package org.jformers.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Forms of CSV that people's tools write; values as Python's csv module reads them. */
final class DelimitedSourceTest {
    @TempDir
    private Path folder;

    private DataSource csv(String escaped) throws IOException {
        String text = escaped.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t").replace("\\B", "\uFEFF");
        return DataSource.of(Files.writeString(folder.resolve("a.csv"), text));
    }

    private static String shown(List<String> row) {
        return row.stream().map(value -> "<" + value.replace("\n", "\\n").replace("\r", "\\r") + ">")
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '\0', textBlock = """
            a,b\\r\\n1,2\\r\\n3,4\\r\\n        ! <a><b> <1><2> <3><4>
            a,b\\r1,2\\r3,4                   ! <a><b> <1><2> <3><4>
            a,b\\n1,2\\r\\n3,4\\n             ! <a><b> <1><2> <3><4>
            \\Ba,ü\\nß,漢😀                    ! <a><ü> <ß><漢😀>
            a,b\\n\\n1,2\\n\\n\\n              ! <a><b> <1><2>
            a\\nx\\n\\ny\\n                   ! <a> <x> <> <y>
            a,b\\n"x\\ny","2,""3"" "\\n      ! <a><b> <x\\ny><2,"3" >
            a,b\\n"x\\r\\ny",2\\r\\n          ! <a><b> <x\\r\\ny><2>
            a,b\\n"x\\r\\r\\ny\\n\\n",2        ! <a><b> <x\\r\\r\\ny\\n\\n><2>
            "a\\nc","b,d"\\nx,2\\n           ! <a\\nc><b,d> <x><2>
            ,text\\n0,x\\n                   ! <><text> <0><x>
            a,A\\n1,2\\n                    ! <a><A> <1><2>
            a,b\\nx "q" y,'z'\\n           ! <a><b> <x "q" y><'z'>
            a,b\\n "x",2\\n                 ! <a><b> < "x"><2>
            a,b\\n"",\\n                    ! <a><b> <><>
            a,b\\n\\N,NULL                  ! <a><b> <\\N><NULL>
            """)
    void readsWhatToolsWrite(String text, String expected) throws IOException {
        DataSource source = csv(text);
        try (Stream<List<String>> rows = source.rows(source.columns())) {
            assertThat(Stream.concat(Stream.of(source.columns()), rows).map(DelimitedSourceTest::shown)
                    .collect(Collectors.joining(" "))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', quoteCharacter = '\0', textBlock = """
            a,b\\n1,2\\n3\\n      ! line 3: got 1 fields, allowed 2, as many as there are columns
            a,b\\n1,2,3\\n       ! line 2: got 3 fields, allowed 2, as many as there are columns
            a,b\\n"x" y,2\\n     ! line 2: there is text behind the quote that ends field 1
            a,b\\n1,2\\n3,"x,4\\n5 ! line 3: the quote that begins field 2 has no end
            """)
    void saysWhatIsBrokenAndWhere(String text, String expected) throws IOException {
        DataSource source = csv(text);
        assertThatThrownBy(() -> {
            try (Stream<List<String>> rows = source.rows(List.of("b", "a"))) {
                rows.toList();
            }
        }).isInstanceOf(DataException.class).hasMessage(source.name() + ": " + expected);
    }

    /** Keys of JSON that differ in capitals alone, or are empty. */
    @Test
    void tellsKeysOfJsonApart() throws IOException {
        DataSource source = DataSource.of(Files.writeString(
                folder.resolve("a.jsonl"), "{\"A\": 1, \"a\": 2, \"\": 3, \"a/b\": 4, \"c0\": 5}\n"));
        assertThat(source.columns()).containsExactly("", "A", "a", "a/b", "c0");
        try (Stream<List<String>> rows = source.rows(List.of("c0", "a/b", "a", "A", ""))) {
            assertThat(rows.toList()).containsExactly(List.of("5", "4", "2", "1", "3"));
        }
    }
}

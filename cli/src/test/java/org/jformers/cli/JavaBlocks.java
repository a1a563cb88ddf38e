package org.jformers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** The Java blocks of a Markdown file, compiled as a reader would compile them. */
final class JavaBlocks {
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```java\\R(.*?)^```");
    private static final Pattern PACKAGE = Pattern.compile("(?m)^package ([\\w.]+);");
    private static final Pattern TYPE = Pattern.compile("(?m)^(?:public )?(?:final class|record) (\\w+)");

    private JavaBlocks() {}

    /** The blocks of a Markdown file, in order. */
    static List<String> of(Path markdown) throws IOException {
        Matcher matcher = BLOCK.matcher(Files.readString(markdown));
        List<String> blocks = new ArrayList<>();
        while (matcher.find()) {
            blocks.add(matcher.group(1));
        }
        return blocks;
    }

    /** Imports and statements as the class {@code Example} with a main method. */
    static String asProgram(String block) {
        String imports = block.lines().filter(line -> line.startsWith("import ")).collect(Collectors.joining("\n"));
        String body = block.lines().filter(line -> !line.startsWith("import ")).collect(Collectors.joining("\n"));
        return imports + "\npublic final class Example {\n"
                + "    public static void main(String[] arguments) throws Exception {\n" + body + "\n    }\n}\n";
    }

    /** Compiles whole files, each with its package, into a folder. */
    static void compile(List<String> files, Path folder) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-parameters", "-d", folder.toString(),
                "-cp", System.getProperty("java.class.path")));
        for (String file : files) {
            Matcher type = TYPE.matcher(file);
            assertThat(type.find()).as(file).isTrue();
            Matcher inPackage = PACKAGE.matcher(file);
            Path place = folder.resolve("source").resolve(inPackage.find() ? inPackage.group(1) : "");
            Files.createDirectories(place);
            arguments.add(Files.writeString(place.resolve(type.group(1) + ".java"), file).toString());
        }
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(status).as(Stream.concat(Stream.of("compiles"), files.stream())
                .collect(Collectors.joining("\n"))).isZero();
    }
}

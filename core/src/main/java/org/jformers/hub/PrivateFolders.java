package org.jformers.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Folders of caches: made for their owner alone, and files in them that are no links to somewhere else. */
final class PrivateFolders {
    private PrivateFolders() {}

    /** Makes the folder of a file, as {@link #create} does. */
    static void createFor(Path file) throws IOException {
        create(file.resolveSibling(""));
    }

    /** Makes a folder and those above it that are not there; no other user may enter what is made. */
    static void create(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }

    /** Whether a file is there itself, not a link to one. */
    static boolean isOwnFile(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }
}

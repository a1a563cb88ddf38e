package org.jformers.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.jformers.JformersException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the engine's native libraries are unpacked. The binding trusts a file that is there already, so the folder must
 * be one that no other user can write into: {@code .jformers/native} in the user's home, made for its owner alone. A
 * home that cannot be written gets a new folder of a random name for this process, never a fixed one among the
 * temporary files. {@code -Dorg.bytedeco.javacpp.cachedir=DIR} names another folder, of which the same is required.
 */
final class NativeLibraries {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibraries.class);
    private static final List<String> LIBRARIES = List.of("libjnitorch.so", "libjnitorch.dylib", "jnitorch.dll");
    private static final String PROPERTY = "org.bytedeco.javacpp.cachedir";

    static {
        // JavaCPP's default limit, 4 x heap, counts mapped checkpoints and throws.
        System.getProperties().putIfAbsent("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        // Float32 products by MKL where it is on the class path.
        System.getProperties().putIfAbsent("org.bytedeco.openblas.load", "mkl_rt");
        String named = System.getProperty(PROPERTY);
        Path folder = named == null ? own(Path.of(System.getProperty("user.home"))) : required(Path.of(named));
        System.setProperty(PROPERTY, folder.toString());
        requireEngine(Loader.getPlatform());
    }

    private NativeLibraries() {}

    /** To be called before the first class of the engine is. */
    static void prepare() {
        // the static block has done it
    }

    /**
     * Refuses a class path that lacks the engine of a platform: build tools that do not read profiles do not bring it.
     *
     * @throws JformersException naming what brings it
     */
    static void requireEngine(String platform) {
        boolean there = Stream.of(platform, platform + "-gpu")
                .map(name -> "/org/bytedeco/pytorch/" + name + "/")
                .anyMatch(folder -> LIBRARIES.stream()
                        .anyMatch(file -> NativeLibraries.class.getResource(folder + file) != null));
        if (!there) {
            throw new JformersException("engine: got a class path without its native libraries for " + platform
                    + ", allowed with org.jformers:jformers-natives-" + platform
                    + ", which there is for linux-x86_64, macosx-arm64 and windows-x86_64");
        }
    }

    /** The folder in a home, or a new one where it cannot be had. */
    static Path own(Path home) {
        Path folder = home.resolve(".jformers").resolve("native");
        try {
            return required(folder);
        } catch (JformersException e) {
            LOG.warn("{}; the engine is unpacked anew for this process", e.getMessage());
        }
        try {
            Path fresh = Files.createTempDirectory("jformers-native-"); // its owner's alone
            fresh.toFile().deleteOnExit();
            return fresh;
        } catch (IOException e) {
            throw new JformersException("native libraries: neither " + folder
                    + " nor a temporary folder can be written,"
                    + " name one with -D" + PROPERTY + "=DIR", e);
        }
    }

    /**
     * The folder, made if it is not there.
     *
     * @throws JformersException if it cannot be written, or others could
     */
    static Path required(Path folder) {
        try {
            boolean posix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
            if (!Files.isDirectory(folder)) {
                if (posix) {
                    Files.createDirectories(folder,
                            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                } else {
                    Files.createDirectories(folder);
                }
            }
            if (!Files.isWritable(folder)) {
                throw new JformersException("native libraries: " + folder + " cannot be written");
            }
            if (posix) {
                requireOwn(folder);
            }
            return folder;
        } catch (IOException e) {
            throw new JformersException("native libraries: " + folder + " cannot be made, " + e.getMessage(), e);
        }
    }

    private static void requireOwn(Path folder) throws IOException {
        Path probe = Files.createTempFile(folder, ".owner", "");
        try {
            if (!Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(probe))) {
                throw new JformersException("native libraries: got " + folder + ", which is another user's, or a link;"
                        + " allowed a folder of this user's own");
            }
        } finally {
            Files.delete(probe);
        }
        Set<PosixFilePermission> allowed = Files.getPosixFilePermissions(folder);
        if (allowed.contains(PosixFilePermission.GROUP_WRITE) || allowed.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new JformersException("native libraries: got " + folder + ", which others may write ("
                    + PosixFilePermissions.toString(allowed) + "), allowed rwx------");
        }
    }
}

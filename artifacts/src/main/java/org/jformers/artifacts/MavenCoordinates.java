package org.jformers.artifacts;

import java.util.regex.Pattern;
import org.jformers.hub.HubException;
import org.jformers.hub.Names;

/**
 * A Maven artifact at a released version; it is a jar.
 *
 * @param group its groupId
 * @param artifact its artifactId
 * @param version the version, which stands for one jar for ever
 */
record MavenCoordinates(String group, String artifact, String version) {
    // Parts become the names of folders, here and in the local repository.
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9_.+-]{0,198}[A-Za-z0-9_])?");
    private static final Pattern RANGE = Pattern.compile("[\\[(].*|.*,.*|LATEST|RELEASE");

    /**
     * Reads {@code group:artifact:version}.
     *
     * @throws HubException for anything else, and for versions that stand for changing jars
     */
    static MavenCoordinates of(String text) {
        String[] parts = text.split(":", -1);
        if (parts.length != 3) {
            throw refused(text, "mvn:group:artifact:version");
        }
        String version = parts[2];
        if (RANGE.matcher(version).matches()) {
            throw refused(text, "one version: no range, LATEST or RELEASE");
        }
        if (version.endsWith("-SNAPSHOT")) {
            throw refused(text, "the version of a release: a snapshot changes under its name");
        }
        for (String part : parts) {
            if (!PART.matcher(part).matches() || part.contains("..")) {
                throw refused(text, "mvn:group:artifact:version of letters, digits, '.', '_', '+' and '-'");
            }
        }
        return new MavenCoordinates(parts[0], parts[1], version);
    }

    private static HubException refused(String text, String allowed) {
        return new HubException("model: got " + Names.quote("mvn:" + text) + ", allowed " + allowed);
    }

    /** As a user writes it. */
    @Override
    public String toString() {
        return "mvn:" + group + ":" + artifact + ":" + version;
    }
}

package org.jformers.hub;

import java.nio.charset.StandardCharsets;

/** Names that come from outside: of files, in addresses, in messages. */
public final class Names {
    private static final int QUOTED = 120;

    private Names() {}

    /** A foreign name, safe to print on one line. */
    public static String quote(String name) {
        String text = name.length() > QUOTED ? name.substring(0, QUOTED) + "..." : name;
        return "'" + text.replaceAll("\\p{Cntrl}", "\uFFFD") + "'";
    }

    /**
     * Requires the path of a file inside a repository, which stays inside any folder that it is resolved against.
     *
     * @param where named in the error
     * @throws HubException for parts that are empty, {@code .} or {@code ..}, and for backslashes, colons and controls
     */
    public static String requireInside(String path, String where) {
        for (String part : path.split("/", -1)) {
            boolean plain = !part.isEmpty() && !part.equals(".") && !part.equals("..")
                    && part.chars().noneMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c));
            if (!plain) {
                throw new HubException("file name: got " + quote(path)
                        + ", allowed a path that stays inside the model's folder, in " + where);
            }
        }
        return path;
    }

    /** A path as a part of an address; only {@code /} keeps its meaning. */
    static String inAddress(String path) {
        StringBuilder address = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xFF);
            boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || "-._~/".indexOf(c) >= 0);
            address.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return address.toString();
    }
}

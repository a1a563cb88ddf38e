package org.jformers.server;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Optional;
import org.jformers.JformersException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Documents in one table of a database. It is opened when a document is first asked for, and again after it failed.
 * Messages say nothing of its address, which may hold a password, and nothing of documents.
 */
final class Documents implements AutoCloseable {
    /** As many as there may be, so that a client cannot fill the disk. */
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Documents.class);
    private static final String JDBC = "jdbc:";

    private final String url;
    private final Optional<Path> file;
    private final int most;
    private Optional<Connection> connection = Optional.empty();

    /**
     * A document.
     *
     * @param revision 1 at first, one more with each change
     * @param changed when, in seconds since 1970
     * @param content JSON
     */
    record Document(String id, int revision, long changed, String content) {}

    /** What is done with the database. */
    @FunctionalInterface
    private interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    private Documents(String url, Optional<Path> file, int most) {
        this.url = url;
        this.file = file;
        this.most = most;
    }

    /**
     * Those of a file of SQLite, or of a database.
     *
     * @throws JformersException if the file is a folder, or nothing on the class path knows the address
     */
    static Documents at(String fileOrUrl) {
        return at(fileOrUrl, MOST);
    }

    static Documents at(String fileOrUrl, int most) {
        if (!fileOrUrl.startsWith(JDBC)) {
            Path file = Path.of(fileOrUrl).toAbsolutePath();
            if (Files.isDirectory(file)) {
                throw new JformersException("documents: got the folder " + file + ", allowed a file");
            }
            return new Documents("jdbc:sqlite:" + file, Optional.of(file), most);
        }
        try {
            DriverManager.getDriver(fileOrUrl);
        } catch (SQLException e) {
            throw new JformersException("documents: got an address of JDBC that no driver of the class path knows,"
                    + " allowed jdbc:sqlite: and those whose driver is there", e);
        }
        return new Documents(fileOrUrl, Optional.empty(), most);
    }

    /** Keeps a new one; empty if there are as many as there may be. */
    Optional<Document> add(String id, String content) {
        return with(database -> {
            try (Statement statement = database.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM jformers_documents")) {
                rows.next();
                if (rows.getInt(1) >= most) {
                    return Optional.empty();
                }
            }
            Document added = new Document(id, 1, Instant.now().getEpochSecond(), content);
            try (PreparedStatement insert = database.prepareStatement(
                    "INSERT INTO jformers_documents (id, revision, changed, content) VALUES (?, ?, ?, ?)")) {
                insert.setString(1, added.id());
                insert.setInt(2, added.revision());
                insert.setLong(3, added.changed());
                insert.setString(4, added.content());
                insert.executeUpdate();
            }
            return Optional.of(added);
        });
    }

    /** The one of an id. */
    Optional<Document> find(String id) {
        return with(database -> {
            try (PreparedStatement query = database.prepareStatement(
                    "SELECT revision, changed, content FROM jformers_documents WHERE id = ?")) {
                query.setString(1, id);
                try (ResultSet rows = query.executeQuery()) {
                    return rows.next()
                            ? Optional.of(new Document(id, rows.getInt(1), rows.getLong(2), rows.getString(3)))
                            : Optional.empty();
                }
            }
        });
    }

    /** Changes one, unless it has another revision by now; empty then, and if there is none. */
    Optional<Document> change(String id, int revision, String content) {
        return with(database -> {
            Document changed = new Document(id, revision + 1, Instant.now().getEpochSecond(), content);
            try (PreparedStatement update = database.prepareStatement(
                    "UPDATE jformers_documents SET revision = ?, changed = ?, content = ?"
                    + " WHERE id = ? AND revision = ?")) {
                update.setInt(1, changed.revision());
                update.setLong(2, changed.changed());
                update.setString(3, changed.content());
                update.setString(4, id);
                update.setInt(5, revision);
                return update.executeUpdate() == 1 ? Optional.of(changed) : Optional.empty();
            }
        });
    }

    private synchronized <T> T with(Work<T> work) {
        try {
            if (connection.isEmpty()) {
                connection = Optional.of(open());
            }
            return work.on(connection.get());
        } catch (SQLException | IOException e) {
            close();
            // What the database says may quote the document.
            LOG.error("documents: the database failed with {}, code {}", e.getClass().getName(),
                    e instanceof SQLException told ? told.getErrorCode() : "none");
            throw new ApiException(ApiException.Kind.FAILED,
                    "documents: the database failed; the server's log has more");
        }
    }

    private Connection open() throws SQLException, IOException {
        if (file.isPresent()) {
            makeForOwner(file.get());
        }
        Connection opened = DriverManager.getConnection(url);
        try (Statement statement = opened.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS jformers_documents (id VARCHAR(64) PRIMARY KEY,"
                    + " revision INTEGER NOT NULL, changed BIGINT NOT NULL, content TEXT NOT NULL)");
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    private static void makeForOwner(Path file) throws IOException {
        try {
            Files.createDirectories(file.resolveSibling(""), owners("rwx------"));
            Files.createFile(file, owners("rw-------"));
        } catch (FileAlreadyExistsException e) {
            LOG.debug("documents: the file is there already");
        }
    }

    private static FileAttribute<?>[] owners(String permissions) {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(
                        PosixFilePermissions.fromString(permissions))}
                : new FileAttribute<?>[0];
    }

    @Override
    public synchronized void close() {
        try {
            if (connection.isPresent()) {
                connection.get().close();
            }
        } catch (SQLException e) {
            LOG.debug("documents: the database did not close, state {}", e.getSQLState());
        } finally {
            connection = Optional.empty();
        }
    }
}

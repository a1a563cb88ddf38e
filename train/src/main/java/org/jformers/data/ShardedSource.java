package org.jformers.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** A table in several files, as large ones come: the rows of one after the other, in the order of their paths. */
final class ShardedSource implements DataSource {
    private final String name;
    private final List<DataSource> shards;

    private ShardedSource(String name, List<DataSource> shards) {
        this.name = name;
        this.shards = shards;
        DataSource first = shards.get(0);
        for (DataSource shard : shards) {
            if (!shard.columns().containsAll(first.columns())) {
                throw new DataException(shard.name() + ": got columns " + String.join(", ", shard.columns())
                        + ", allowed those of " + first.name() + ": " + String.join(", ", first.columns()));
            }
        }
    }

    /** Those below a folder, if it has tables and no plain texts. */
    static Optional<DataSource> find(Path folder) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> below = Files.walk(folder)) {
            List<Path> files = below.filter(Files::isRegularFile).sorted().toList();
            List<DataSource> tables = files.stream().filter(ShardedSource::recognizes).map(SqlSource::of).toList();
            return tables.isEmpty() || files.stream().anyMatch(TextSource::recognizes)
                    ? Optional.empty()
                    : Optional.of(new ShardedSource(folder.toString(), tables));
        } catch (IOException e) {
            throw new DataException(folder + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    private static boolean recognizes(Path path) {
        return path.getFileName().toString().toLowerCase(Locale.ROOT)
                .matches("(?s).*\\.(csv|tsv|jsonl|ndjson|parquet)(\\.gz)?");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<String> columns() {
        return shards.get(0).columns();
    }

    @Override
    public Stream<List<String>> rows(List<String> columns) {
        indices(columns);
        return shards.stream().flatMap(shard -> shard.rows(columns));
    }
}

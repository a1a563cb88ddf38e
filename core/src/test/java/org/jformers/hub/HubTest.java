package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jformers.hub.HubSettings.Access;
import org.jformers.hub.HubSettings.Links;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Downloads from a small hub, whole, broken and hostile. */
final class HubTest {
    private static final String WEIGHTS = "model.safetensors";

    @TempDir
    private Path folder;

    private final FakeHub fake = new FakeHub();
    private final byte[] weights = new byte[300_000];
    private Path model;

    @BeforeEach
    void fill() {
        new Random(7).nextBytes(weights);
        fake.put("config.json", "{\"model_type\": \"gpt2\"}");
        fake.put("tokenizer.json", "{}");
        fake.put("README.md", "not needed");
        fake.putLarge(WEIGHTS, weights);
        model = folder.resolve("models--org--tiny");
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Hub hub(Access access, String token) {
        return new Hub(new HubSettings(
                folder, fake.address(), Optional.of(token).filter(text -> !text.isEmpty()), access, Links.SYMBOLIC,
                Duration.ofSeconds(5), 3, Duration.ofMillis(1)));
    }

    private Hub hub() {
        return hub(Access.ONLINE, "");
    }

    private Path snapshot() {
        return hub().snapshot(FakeHub.ID, "main");
    }

    private static void assertFails(Callable<?> call, String... parts) {
        assertThatThrownBy(call::call).isInstanceOf(HubException.class).hasMessageContainingAll(parts);
    }

    private List<Path> partials() throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(path -> path.toString().matches(".*\\.(incomplete|tmp)")).toList();
        }
    }

    @Test
    void bringsWhatAModelFolderNeedsInPythonsLayout() throws IOException {
        Path snapshot = snapshot();
        assertThat(snapshot).isEqualTo(model.resolve("snapshots").resolve(FakeHub.COMMIT));
        try (Stream<Path> names = Files.list(snapshot)) {
            assertThat(names.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("config.json", "tokenizer.json", WEIGHTS);
        }
        assertThat(snapshot.resolve(WEIGHTS)).hasBinaryContent(weights);
        assertThat(model.resolve("refs/main")).hasContent(FakeHub.COMMIT);
        assertThat(model.resolve("blobs").resolve(FakeHub.sha256(weights))).isRegularFile();
        assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
                .isEqualTo(Path.of("../../blobs", FakeHub.gitHash(fake.files.get("config.json"))));
        assertThat(model.resolve(".no_exist").resolve(FakeHub.COMMIT).resolve("vocab.txt")).isEmptyFile();
        assertThat(partials()).isEmpty();
    }

    @Test
    void asksForTheCommitOnlyWhenAllIsCached() throws IOException {
        Path first = snapshot();
        fake.requests.clear();
        assertThat(snapshot()).isEqualTo(first);
        assertThat(fake.requests).hasSize(1);
        assertThat(fake.asked("HEAD")).containsExactly("main/config.json");

        fake.requests.clear();
        assertThat(hub().snapshot(FakeHub.ID, FakeHub.COMMIT)).isEqualTo(first);
        assertThat(fake.requests).as("a commit never changes").isEmpty();
    }

    @Test
    void followsABranchAndFetchesOnlyWhatChanged() throws IOException {
        Path first = snapshot();
        String next = "f".repeat(40);
        fake.revisions.putAll(Map.of("main", next, next, next));
        fake.put("config.json", "{\"model_type\": \"bert\"}");
        fake.requests.clear();
        Path second = snapshot();
        assertThat(second).isNotEqualTo(first).hasFileName(next);
        assertThat(fake.asked("GET")).containsExactly(next + "/config.json");
        assertThat(second.resolve(WEIGHTS)).hasBinaryContent(weights);
        assertThat(first.resolve("config.json")).hasContent("{\"model_type\": \"gpt2\"}");
    }

    @Test
    void offlineAnswersFromTheCacheAndOpensNoConnection() {
        assertFails(() -> hub(Access.OFFLINE, "").snapshot(FakeHub.ID, "main"),
                "org/tiny", folder.toString(), "HF_HUB_OFFLINE");
        Path online = snapshot();
        fake.requests.clear();
        Hub offline = hub(Access.OFFLINE, "");
        assertThat(offline.snapshot(FakeHub.ID, "main")).isEqualTo(online);
        assertThat(offline.file(FakeHub.ID, "main", "config.json")).isEqualTo(online.resolve("config.json"));
        assertFails(() -> offline.file(FakeHub.ID, "main", "other.txt"), "other.txt", "HF_HUB_OFFLINE");
        assertFails(() -> offline.snapshot(FakeHub.ID, "v2"), "org/tiny@v2", "HF_HUB_OFFLINE");
        assertThat(fake.requests).isEmpty();
    }

    @Test
    void offlineRefusesAnIncompleteSnapshot() throws IOException {
        Files.delete(snapshot().resolve(WEIGHTS));
        assertFails(() -> hub(Access.OFFLINE, "").snapshot(FakeHub.ID, "main"), "weights", "HF_HUB_OFFLINE");
    }

    @Test
    void aHubThatIsDownLeavesTheCacheUsable() {
        Path before = snapshot();
        fake.failures.addAll(List.of(503));
        assertThat(snapshot()).isEqualTo(before);
        fake.close();
        assertThat(snapshot()).isEqualTo(before);
        assertFails(
                () -> hub().snapshot("org/other", "main"), "org/other", fake.address().toString(), folder.toString());
    }

    @Test
    void goesOnWhereAConnectionBroke() throws IOException {
        fake.cuts.addAll(List.of(100_000, 50_000));
        hub().file(FakeHub.ID, "main", WEIGHTS);
        List<String> ranges = fake.requests.stream()
                .filter(request -> request.host().equals("storage")).map(FakeHub.Request::range).toList();
        assertThat(ranges).containsExactly("", "bytes=100000-", "bytes=150000-");
        assertThat(snapshot().resolve(WEIGHTS)).hasBinaryContent(weights);
        assertThat(partials()).isEmpty();
    }

    @Test
    void goesOnWhereAnEarlierProcessBroke() throws IOException {
        fake.cuts.addAll(List.of(100_000, 0, 0));
        assertFails(
                () -> hub().file(FakeHub.ID, "main", WEIGHTS), "broke off at 100000 of 300000", "goes on from there");
        assertThat(model.resolve("snapshots").resolve(FakeHub.COMMIT)).doesNotExist();
        fake.requests.clear();
        assertThat(hub().file(FakeHub.ID, "main", WEIGHTS)).hasBinaryContent(weights);
        assertThat(fake.requests.stream().map(FakeHub.Request::range)).contains("bytes=100000-");
    }

    @Test
    void asksTheHubItselfForTheSameContentOnly() {
        fake.cuts.add(1000);
        byte[] vocabulary = Arrays.copyOf(weights, 5000);
        fake.files.put("vocab.txt", vocabulary);
        assertThat(hub().file(FakeHub.ID, "main", "vocab.txt")).hasBinaryContent(vocabulary);
        assertThat(fake.requests.stream().filter(request -> !request.range().isEmpty()))
                .singleElement()
                .satisfies(request -> assertThat(request.ifRange()).isEqualTo('"' + FakeHub.gitHash(vocabulary) + '"'));
    }

    @Test
    void startsAnewWhereTheHostKnowsNoRanges() {
        fake.rangeless = true;
        fake.cuts.add(100_000);
        assertThat(hub().file(FakeHub.ID, "main", WEIGHTS)).hasBinaryContent(weights);
    }

    @Test
    void startsAnewWhereThePartIsTooLong() throws IOException {
        Path partial = model.resolve("blobs").resolve(FakeHub.sha256(weights) + ".jformers.incomplete");
        Files.createDirectories(partial.getParent());
        Files.write(partial, new byte[weights.length + 1]);
        assertThat(hub().file(FakeHub.ID, "main", WEIGHTS)).hasBinaryContent(weights);
    }

    @Test
    void givesUpAServerThatFellSilent() {
        fake.silent = true;
        fake.cuts.addAll(List.of(1000, 0, 0));
        Hub impatient = new Hub(new HubSettings(
                folder, fake.address(), Optional.empty(), Access.ONLINE, Links.SYMBOLIC, Duration.ofMillis(200), 2,
                Duration.ofMillis(1)));
        assertFails(() -> impatient.file(FakeHub.ID, "main", WEIGHTS), "broke off at 1000 of 300000", "nothing came");
    }

    @Test
    void refusesContentWithAnotherHash() throws IOException {
        byte[] forged = weights.clone();
        forged[200_000]++;
        fake.forged.put(WEIGHTS, forged);
        assertFails(() -> hub().file(FakeHub.ID, "main", WEIGHTS),
                WEIGHTS, "its hash is " + FakeHub.sha256(forged), FakeHub.sha256(weights), "deleted");
        assertThat(partials()).isEmpty();
        assertThat(model.resolve("blobs")).isEmptyDirectory();

        fake.forged.put("config.json", "{\"model_type\": \"gpt3\"}".getBytes(StandardCharsets.UTF_8));
        assertFails(() -> hub().file(FakeHub.ID, "main", "config.json"), "config.json", "hash");
        fake.forged.clear();
        assertThat(snapshot().resolve(WEIGHTS)).hasBinaryContent(weights);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 299_999, 300_001})
    void refusesContentOfAnotherSize(int size) throws IOException {
        fake.forged.put(WEIGHTS, Arrays.copyOf(weights, size));
        fake.etags.put(WEIGHTS, "no-hash");
        assertFails(() -> hub().file(FakeHub.ID, "main", WEIGHTS), WEIGHTS, "300000");
        assertThat(model.resolve("snapshots")).doesNotExist();
        assertThat(partials()).allSatisfy(path -> assertThat(path).isEmptyFile());
    }

    @Test
    void bringsABlobAgainThatWasDamaged() throws IOException {
        Path file = hub().file(FakeHub.ID, "main", WEIGHTS);
        Files.delete(file);
        Files.write(model.resolve("blobs").resolve(FakeHub.sha256(weights)), new byte[7]);
        assertThat(hub().file(FakeHub.ID, "main", WEIGHTS)).hasBinaryContent(weights);
    }

    @Test
    void tellsTheTokenToTheHubAndToNobodyElse() {
        fake.requiredToken = "hf_secret";
        Hub hub = hub(Access.ONLINE, "hf_secret");
        assertThat(hub.snapshot(FakeHub.ID, "main").resolve(WEIGHTS)).hasBinaryContent(weights);
        assertThat(fake.requests).anyMatch(request -> request.host().equals("storage"));
        assertThat(fake.requests).allSatisfy(request -> assertThat(request.authorization())
                .isEqualTo(request.host().equals("hub") ? "Bearer hf_secret" : ""));
        assertThat(hub.settings().toString()).doesNotContain("hf_secret");
        assertThatThrownBy(() -> hub(Access.ONLINE, "hf_secret\nX-Other: 1")).isInstanceOf(HubException.class)
                .hasMessageNotContaining("hf_secret");
    }

    @ParameterizedTest
    @CsvSource({
        "''           , ''   , 401, needs HF_TOKEN",
        "''           , wrong, 401, account of HF_TOKEN",
        "GatedRepo    , ''   , 403, accept its terms",
        "GatedRepo    , wrong, 403, accept its terms"
    })
    void saysWhyAPrivateModelIsRefused(String code, String token, int status, String reason) {
        fake.requiredToken = "hf_secret";
        fake.errorCode = code;
        assertFails(() -> hub(Access.ONLINE, token).snapshot(FakeHub.ID, "main"), "org/tiny", "" + status, reason);
        assertThat(fake.requests).as("no second try").hasSize(1);
    }

    @Test
    void saysThatAModelOrARevisionOrAFileIsMissing() {
        assertFails(() -> hub().snapshot("org/none", "main"), "org/none", "404", "no such model");
        assertFails(() -> hub().file(FakeHub.ID, "main", "none.txt"), "org/tiny", "none.txt");
        fake.errorCode = "RevisionNotFound";
        assertFails(() -> hub().snapshot(FakeHub.ID, "v9"), "org/tiny@v9", "no revision 'v9'");
        fake.files.remove(WEIGHTS);
        assertFails(() -> snapshot(), "org/tiny", "lacks the weights");
    }

    @Test
    void triesAgainWhatMayWorkLater() {
        fake.failures.addAll(List.of(503, 429));
        assertThat(snapshot().resolve(WEIGHTS)).hasBinaryContent(weights);
        fake.failures.addAll(List.of(500, 502, 504));
        assertFails(() -> hub().snapshot(FakeHub.ID, FakeHub.COMMIT.replace('0', '1')), "504");
    }

    @Test
    void followsAModelThatMoved() {
        fake.moved = "old/name";
        assertThat(hub().snapshot("old/name", "main").resolve(WEIGHTS)).hasBinaryContent(weights);
        assertThat(folder.resolve("models--old--name/refs/main")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"refs/pr/1", "v1.0", "feature/x"})
    void takesBranchesTagsAndPullRequests(String revision) {
        fake.revisions.put(revision, FakeHub.COMMIT);
        assertThat(hub().snapshot(FakeHub.ID, revision)).hasFileName(FakeHub.COMMIT);
        assertThat(model.resolve("refs").resolve(revision)).hasContent(FakeHub.COMMIT);
        assertThat(hub(Access.OFFLINE, "").snapshot(FakeHub.ID, revision)).hasFileName(FakeHub.COMMIT);
    }

    @Test
    void bringsTheShardsThatTheIndexNames() {
        fake.files.remove(WEIGHTS);
        fake.put("model.safetensors.index.json", """
                {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors",
                                "c": "model-00001-of-00002.safetensors"}}""");
        fake.putLarge("model-00001-of-00002.safetensors", weights);
        fake.putLarge("model-00002-of-00002.safetensors", new byte[1000]);
        fake.put("pytorch_model.bin", "not needed");
        AtomicLong done = new AtomicLong();
        AtomicLong total = new AtomicLong();
        Path snapshot = hub().snapshot(new ModelId(FakeHub.ID, "main"), HubContents.MODEL, (file, here, all) -> {
            done.accumulateAndGet(here, Math::max);
            total.set(all);
        });
        assertThat(snapshot.resolve("model-00001-of-00002.safetensors")).hasBinaryContent(weights);
        assertThat(snapshot.resolve("model-00002-of-00002.safetensors")).hasSize(1000);
        assertThat(snapshot.resolve("pytorch_model.bin")).doesNotExist();
        assertThat(done).hasValue(total.get()).hasValueGreaterThan(301_000);
    }

    @Test
    void takesAPickleWhereThereIsNothingElse() {
        fake.files.remove(WEIGHTS);
        fake.putLarge("pytorch_model.bin", weights);
        assertThat(snapshot().resolve("pytorch_model.bin")).hasBinaryContent(weights);
    }

    @Test
    void bringsNoWeightsForATokenizer() {
        Path snapshot = hub().snapshot(new ModelId(FakeHub.ID, "main"), HubContents.TOKENIZER, TransferListener.NONE);
        assertThat(snapshot.resolve("tokenizer.json")).exists();
        assertThat(snapshot.resolve(WEIGHTS)).doesNotExist();
        assertThat(snapshot().resolve(WEIGHTS)).exists();
    }

    @Test
    void bringsTheSettingsAndWeightsOfAnAdapter() {
        ModelId id = new ModelId(FakeHub.ID, "main");
        fake.files.remove("config.json");
        fake.put("adapter_config.json", "{}");
        fake.putLarge("adapter_model.safetensors", weights);
        Path snapshot = hub().snapshot(id, HubContents.ADAPTER, TransferListener.NONE);
        assertThat(snapshot.resolve("adapter_config.json")).hasContent("{}");
        assertThat(snapshot.resolve("adapter_model.safetensors")).hasBinaryContent(weights);
        assertThat(snapshot.resolve(WEIGHTS)).doesNotExist();
        assertThat(hub(Access.OFFLINE, "").snapshot(id, HubContents.ADAPTER, TransferListener.NONE))
                .isEqualTo(snapshot);
    }

    @Test
    void refusesARepositoryWithoutAnAdapter() {
        ModelId id = new ModelId(FakeHub.ID, "main");
        assertFails(() -> hub().snapshot(id, HubContents.ADAPTER, TransferListener.NONE), "lacks adapter_config.json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "/etc/passwd", "a/b.safetensors", "..", "a\\\\b", "c:x", ".hidden", ""})
    void refusesAnIndexThatPointsOutOfItsFolder(String shard) {
        fake.files.remove(WEIGHTS);
        fake.put("model.safetensors.index.json", "{\"weight_map\": {\"a\": \"" + shard + "\"}}");
        assertFails(() -> snapshot(), "model.safetensors.index.json", "allowed");
        assertThat(fake.requests)
                .noneMatch(request -> request.path().contains("evil") || request.path().contains("etc"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/x", "a//b", "a\\b", "a/./b", "x\n", ""})
    void refusesFilesOutsideOfTheModel(String name) {
        assertFails(() -> hub().file(FakeHub.ID, "main", name), "stays inside");
        assertThat(fake.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a..b", "/x", "x/", "a b", "a//b", ".x", "a/.x", "x.lock", ""})
    void refusesRevisionsOutsideOfTheCache(String revision) {
        assertFails(() -> hub().snapshot(FakeHub.ID, revision), "allowed a branch");
        assertThat(fake.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../x", "a/b", ".x", "", "a b"})
    void refusesEtagsThatAreNoFileNames(String etag) {
        fake.etags.put(WEIGHTS, etag);
        assertFails(() -> hub().file(FakeHub.ID, "main", WEIGHTS), "etag");
    }

    @Test
    void refusesAServerThatIsNoHub() {
        fake.revisions.put("main", "no-commit");
        assertFails(() -> snapshot(), "X-Repo-Commit", "HF_ENDPOINT");
    }

    @ParameterizedTest
    @EnumSource(Links.class)
    void everyKindOfLinkShowsTheContent(Links links) {
        Hub hub = new Hub(new HubSettings(
                folder, fake.address(), Optional.empty(), Access.ONLINE, links, Duration.ofSeconds(5), 3,
                Duration.ZERO));
        Path file = hub.file(FakeHub.ID, "main", WEIGHTS);
        assertThat(file).hasBinaryContent(weights);
        assertThat(Files.isSymbolicLink(file)).isEqualTo(links == Links.SYMBOLIC);
    }

    @Test
    void threadsShareOneDownload() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<Path>> paths = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            paths.add(threads.submit(this::snapshot));
        }
        for (Future<Path> path : paths) {
            assertThat(path.get().resolve(WEIGHTS)).hasBinaryContent(weights);
        }
        threads.shutdown();
        assertThat(fake.requests.stream().filter(request -> request.host().equals("storage"))).hasSize(1);
    }

    @Test
    void processesShareOneDownload() throws Exception {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ProcessBuilder java = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                            OneDownload.class.getName())
                    .redirectErrorStream(true);
            java.environment().putAll(Map.of(
                    "HF_HUB_CACHE", folder.toString(),
                    "HF_ENDPOINT", fake.address().toString(),
                    "HF_HUB_OFFLINE", "0"));
            processes.add(java.start());
        }
        for (Process process : processes) {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            // Warnings of the logging library may stand before it.
            String last = output.strip().substring(output.strip().lastIndexOf('\n') + 1);
            assertThat(Path.of(last).resolve(WEIGHTS)).hasBinaryContent(weights);
        }
        assertThat(fake.requests.stream().filter(request -> request.host().equals("storage"))).hasSize(1);
    }

    /** A process of its own that prints the folder of a model. */
    static final class OneDownload {
        public static void main(String[] arguments) {
            System.out.println(Hub.fromEnvironment().snapshot(FakeHub.ID, "main"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://storage.example/x?signature=secret", "file:///etc/passwd", "https:///x", "::"})
    void followsNoRedirectToALesserScheme(String location) {
        URI hub = URI.create("https://hub.example/org/tiny");
        assertThatThrownBy(() -> HubClient.target(hub, location)).isInstanceOf(HubException.class)
                .hasMessageContaining("allowed").hasMessageNotContaining("secret");
        assertThat(HubClient.target(hub, "/other?x=1")).hasToString("https://hub.example/other?x=1");
    }
}

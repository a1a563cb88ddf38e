package org.jformers.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.jformers.hub.Hub.Visibility;
import org.jformers.hub.HubSettings.Access;
import org.jformers.hub.HubSettings.Links;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uploads to a small hub. */
final class HubUploadTest {
    private static final ModelId ID = new ModelId(FakeUploads.ID, "main");

    @TempDir
    private Path folder;

    private final FakeUploads fake = new FakeUploads();
    private final byte[] weights = new byte[300_000];

    @BeforeEach
    void fill() throws IOException {
        new Random(7).nextBytes(weights);
        Files.write(folder.resolve("model.safetensors"), weights);
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"gpt2\"}");
        Files.createDirectories(folder.resolve("onnx"));
        Files.writeString(folder.resolve("onnx/größe.txt"), "ä");
        Files.writeString(folder.resolve("empty.txt"), "");
        Files.writeString(folder.resolve("train.log"), "the hub's ignored files");
        Files.writeString(folder.resolve(".hidden"), "of another program");
    }

    @AfterEach
    void stop() {
        fake.close();
    }

    private Hub hub(Access access, String token, Duration timeout) {
        return new Hub(new HubSettings(
                folder.resolve("cache"), fake.address(), Optional.of(token).filter(text -> !text.isEmpty()), access,
                Links.SYMBOLIC, timeout, 3, Duration.ofMillis(1)));
    }

    private Hub hub() {
        return hub(Access.ONLINE, FakeUploads.TOKEN, Duration.ofSeconds(5));
    }

    private HubCommit upload() {
        return hub().upload(folder, ID, Visibility.PRIVATE, "Add a model", TransferListener.NONE);
    }

    private void assertArrived() {
        assertThat(fake.files.keySet())
                .containsExactly("config.json", "empty.txt", "model.safetensors", "onnx/größe.txt");
        assertThat(fake.files.get("model.safetensors")).isEqualTo(weights);
        assertThat(fake.files.get("config.json")).asString().isEqualTo("{\"model_type\": \"gpt2\"}");
        assertThat(fake.files.get("empty.txt")).isEmpty();
    }

    @Test
    void aNewModelArrivesWholeInOneCommit() {
        HubCommit commit = upload();
        assertArrived();
        assertThat(commit.id()).isEqualTo(FakeHub.COMMIT);
        assertThat(commit.address()).hasToString(fake.address() + "/org/new/commit/" + FakeHub.COMMIT);
        assertThat(fake.visibility).isEqualTo("private");
        assertThat(fake.heads).hasSize(1);
        assertThat(fake.heads.get(0).path("summary").asText()).isEqualTo("Add a model");
        assertThat(fake.calls()).containsExactly(
                "hub GET /api/models/org/new", "hub POST /api/repos/create",
                "hub POST /api/models/org/new/preupload/main", "hub POST /org/new.git/info/lfs/objects/batch",
                "hub POST /verify", "hub POST /api/models/org/new/commit/main");
    }

    @Test
    void largeFilesGoInPartsWhereTheStorageAsksForThem() {
        fake.partLength = 70_001;
        AtomicLong most = new AtomicLong();
        hub().upload(folder, ID, Visibility.PUBLIC, "Parts", (file, done, total) -> {
            assertThat(total).isEqualTo(weights.length);
            most.accumulateAndGet(done, Math::max);
        });
        assertArrived();
        assertThat(most).hasValue(weights.length);
        assertThat(fake.requests).filteredOn(request -> request.call().startsWith("storage PUT")).hasSize(5);
    }

    @Test
    void whatTheHubHasStaysOutOfTheCommit() throws IOException {
        upload();
        fake.requests.clear();
        assertThat(upload().id()).isEqualTo(FakeHub.COMMIT);
        assertThat(fake.heads).as("no empty commit").hasSize(1);
        assertThat(fake.requests).noneMatch(request -> request.call().contains("PUT"));

        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"bert\"}");
        Files.copy(folder.resolve("model.safetensors"), folder.resolve("again.safetensors"));
        fake.requests.clear();
        upload();
        assertThat(fake.files.get("config.json")).asString().contains("bert");
        assertThat(fake.files.get("again.safetensors")).isEqualTo(weights);
        assertThat(fake.requests).as("the storage has the content").noneMatch(
                request -> request.call().contains("PUT"));
    }

    @Test
    void theTokenGoesToTheHubAlone() {
        upload();
        assertThat(fake.requests).isNotEmpty().allMatch(request -> request.authorization()
                .equals(request.call().startsWith("hub ") ? "Bearer " + FakeUploads.TOKEN : ""));
    }

    @Test
    void aBusyStorageIsAskedAgain() {
        fake.storageFailures.addAll(List.of(503, 500));
        upload();
        assertArrived();
    }

    @Test
    void aStorageThatTakesNothingIsGivenUp() {
        fake.deaf = true;
        Hub impatient = hub(Access.ONLINE, FakeUploads.TOKEN, Duration.ofMillis(250));
        assertThatThrownBy(() -> impatient.upload(folder, ID, Visibility.PUBLIC, "x", TransferListener.NONE))
                .isInstanceOf(HubException.class).hasMessageContaining("upload of org/new")
                .hasMessageContaining("nothing went out");
        assertThat(fake.files).as("nothing half").isEmpty();
    }

    @Test
    void refusalsSayWhatIsMissing() throws IOException {
        fake.storageFailures.add(403);
        assertThatThrownBy(this::upload).isInstanceOf(HubException.class)
                .hasMessageContaining("model.safetensors").hasMessageContaining("403");
        assertThat(fake.files).isEmpty();
        assertThatThrownBy(() -> hub(Access.ONLINE, "hf_read", Duration.ofSeconds(5))
                        .upload(folder, ID, Visibility.PUBLIC, "x", TransferListener.NONE))
                .isInstanceOf(HubException.class).hasMessageContaining("no write token")
                .hasMessageContaining("HF_TOKEN");
        fake.requests.clear();
        assertThatThrownBy(() -> hub(Access.ONLINE, "", Duration.ofSeconds(5))
                        .upload(folder, ID, Visibility.PUBLIC, "x", TransferListener.NONE))
                .hasMessageContaining("HF_TOKEN");
        assertThatThrownBy(() -> hub(Access.OFFLINE, FakeUploads.TOKEN, Duration.ofSeconds(5))
                        .upload(folder, ID, Visibility.PUBLIC, "x", TransferListener.NONE))
                .hasMessageContaining("HF_HUB_OFFLINE");
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(this::upload).hasMessageContaining("config.json").hasMessageContaining(folder.toString());
        assertThat(fake.requests).isEmpty();
    }

    @Test
    void filesAreListedPageByPage() {
        upload();
        assertThat(hub().files(ID)).containsExactly(
                new HubFile("config.json", 22), new HubFile("empty.txt", 0),
                new HubFile("model.safetensors", 300_000), new HubFile("onnx/größe.txt", 2));
        assertThatThrownBy(() -> hub().files(new ModelId("org/none", "main")))
                .isInstanceOf(HubException.class).hasMessageContaining("org/none").hasMessageContaining("404");
    }

    @Test
    void endsAListThatDoesNot() {
        for (int i = 0; i <= 1000 * FakeUploads.PAGE; i++) {
            fake.files.put("file" + i, new byte[0]);
        }
        assertThatThrownBy(() -> hub().files(ID))
                .isInstanceOf(HubException.class).hasMessageContaining("got more than 1000 pages");
    }
}

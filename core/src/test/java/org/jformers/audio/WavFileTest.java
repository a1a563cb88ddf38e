package org.jformers.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.jformers.JformersException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WavFileTest {
    private static final double[] WAVE = {0, 0.5, -0.5, 0.25, -1, 0.125, 0.75, -0.25};
    private static final byte[] GUID = {0, 0, 0, 0, 16, 0, -128, 0, 0, -86, 0, 56, -101, 113};

    @TempDir
    private Path folder;

    /** Values that every one of these kinds of numbers holds exactly. */
    @Test
    void readsAllKindsOfNumbers() {
        assertThat(samples(1, 8, (to, x) -> to.put((byte) (128 + x * 128)))).isEqualTo(wave());
        assertThat(samples(1, 16, (to, x) -> to.putShort((short) (x * 32768)))).isEqualTo(wave());
        assertThat(samples(1, 24, (to, x) -> {
            int value = (int) (x * 8388608);
            to.put((byte) value).put((byte) (value >> 8)).put((byte) (value >> 16));
        })).isEqualTo(wave());
        assertThat(samples(1, 32, (to, x) -> to.putInt((int) (x * 2147483648.0)))).isEqualTo(wave());
        assertThat(samples(3, 32, (to, x) -> to.putFloat(x.floatValue()))).isEqualTo(wave());
        assertThat(samples(3, 64, ByteBuffer::putDouble)).isEqualTo(wave());
    }

    @Test
    void keepsTheSmallestStepsOf24Bits() {
        ByteBuffer data = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
        data.put(new byte[] {1, 0, 0, -1, -1, -1, -1, -1, 127});
        float step = 1f / 8388608;
        assertThat(WavFile.read(wav(format(1, 1, 16000, 24), data.array())).samples())
                .containsExactly(step, -step, 1 - step);
    }

    private static float[] samples(int tag, int bits, BiConsumer<ByteBuffer, Double> put) {
        ByteBuffer data = ByteBuffer.allocate(WAVE.length * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
        for (double value : WAVE) {
            put.accept(data, value);
        }
        byte[] plain = wav(format(tag, 1, 8000, bits), data.array());
        byte[] extensible = wav(extensible(tag, 1, 8000, bits), data.array());
        assertThat(WavFile.read(extensible).samples()).isEqualTo(WavFile.read(plain).samples());
        return WavFile.read(plain).samples();
    }

    private static float[] wave() {
        float[] wave = new float[WAVE.length];
        for (int i = 0; i < wave.length; i++) {
            wave[i] = (float) WAVE[i];
        }
        return wave;
    }

    @Test
    void takesTheMeanOfChannels() {
        ByteBuffer data = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : new int[] {16384, -16384, 8192, 0, 0, 24576}) {
            data.putShort((short) value);
        }
        Sound sound = WavFile.read(wav(format(1, 3, 44100, 16), data.array()));
        assertThat(sound.rate()).isEqualTo(44100);
        assertThat(sound.samples()).containsExactly(0.25f / 3, 0.25f);
    }

    @Test
    void passesOverOtherChunksOfAnyLength() {
        byte[] data = {0, 64};
        byte[] file = riff(List.of(chunk("LIST", new byte[5]), chunk("fmt ", format(1, 1, 16000, 16)),
                chunk("fact", new byte[4]), chunk("data", data), chunk("id3 ", new byte[7])));
        assertThat(WavFile.read(file).samples()).containsExactly(0.5f);
    }

    @Test
    void readsToTheEndWhatAPipeWrote() {
        byte[] file = wav(format(1, 1, 16000, 16), new byte[] {0, 64, 0, 32});
        Arrays.fill(file, file.length - 8, file.length - 4, (byte) -1);
        assertThat(WavFile.read(file).samples()).containsExactly(0.5f, 0.25f);
    }

    @Test
    void refusesEveryBeginningOfAFile() throws IOException {
        byte[] whole = wav(extensible(1, 2, 16000, 16), new byte[32]);
        assertThat(WavFile.read(whole).samples()).hasSize(8);
        for (int length = 0; length < whole.length; length++) {
            Path file = Files.write(folder.resolve("cut.wav"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> WavFile.read(file)).as("%d bytes", length).isInstanceOf(JformersException.class)
                    .hasMessageStartingWith("sound: got ").hasMessageEndingWith(", in " + file);
        }
    }

    /** Whatever a byte says, it is a sound or one clear error. */
    @Test
    void readsOrRefusesDamagedFiles() {
        byte[] whole = riff(List.of(chunk("LIST", new byte[5]), chunk("fmt ", extensible(3, 2, 16000, 32)),
                chunk("data", new byte[64])));
        Random random = new Random(16);
        int read = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] damaged = whole.clone();
            for (int changes = random.nextInt(3); changes >= 0; changes--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                WavFile.read(damaged);
                read++;
            } catch (JformersException e) {
                assertThat(e).hasMessageStartingWith("sound: got ");
            }
        }
        assertThat(read).isBetween(500, 2500);
    }

    @Test
    void refusesWhatItCannotReadByName() {
        refused(wav(format(6, 1, 8000, 8), new byte[2]),
                "got WAV format 6 of 8 bits, allowed 1 (PCM) of 8, 16, 24, 32 and 3 (float) of 32, 64");
        refused(wav(format(1, 1, 8000, 12), new byte[3]), "got WAV format 1 of 12 bits");
        refused(wav(format(1, 0, 8000, 16), new byte[2]), "got 0 channels at 8000 Hz");
        refused(wav(format(1, 1, 0, 16), new byte[2]), "got 1 channels at 0 Hz");
        refused(wav(format(1, 2, 8000, 16), new byte[6]), "got 6 bytes of samples, allowed a multiple of 4");
        refused(riff(List.of(chunk("fmt ", format(1, 1, 8000, 16)))), "got no chunk \"data\"");
        refused(riff(List.of(chunk("data", new byte[2]))), "got a chunk \"data\" without \"fmt \" before it");
        byte[] block = format(1, 1, 8000, 16);
        block[12] = 3;
        refused(wav(block, new byte[2]), "got blocks of 3 bytes for 1 channels of 16 bits, allowed 2");
        byte[] own = extensible(1, 1, 8000, 16);
        own[39] = 0;
        refused(wav(own, new byte[2]), "a subformat of somebody's own");
        byte[] number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(0).putFloat(Float.NaN).array();
        refused(wav(format(3, 1, 8000, 32), number), "got NaN at sample 1");
    }

    private static void refused(byte[] file, String why) {
        assertThatThrownBy(() -> WavFile.read(file)).isInstanceOf(JformersException.class)
                .hasMessageStartingWith("sound: ").hasMessageContaining(why);
    }

    static byte[] wav(byte[] format, byte[] data) {
        return riff(List.of(chunk("fmt ", format), chunk("data", data)));
    }

    private static byte[] riff(List<byte[]> chunks) {
        int length = chunks.stream().mapToInt(chunk -> chunk.length).sum();
        ByteBuffer file = ByteBuffer.allocate(12 + length).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes()).putInt(4 + length).put("WAVE".getBytes());
        chunks.forEach(file::put);
        return file.array();
    }

    private static byte[] chunk(String name, byte[] data) {
        return ByteBuffer.allocate(8 + data.length + data.length % 2).order(ByteOrder.LITTLE_ENDIAN)
                .put(name.getBytes()).putInt(data.length).put(data).array();
    }

    static byte[] format(int tag, int channels, int rate, int bits) {
        int block = channels * bits / 8;
        return ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) tag).putShort((short) channels).putInt(rate).putInt(rate * block)
                .putShort((short) block).putShort((short) bits).array();
    }

    private static byte[] extensible(int tag, int channels, int rate, int bits) {
        return ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN)
                .put(format(0xFFFE, channels, rate, bits)).putShort((short) 22).putShort((short) bits).putInt(0)
                .putShort((short) tag).put(GUID).array();
    }
}

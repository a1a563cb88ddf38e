package org.jformers.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jformers.text.tokenizer.AutoTokenizer;
import org.jformers.text.tokenizer.Encoding;
import org.jformers.text.tokenizer.Tokenizer;

/**
 * What tokenizers make of many texts, as digests to be compared with the reference's: ids and, for the kinds that come
 * from the tokenizers library, offsets and decoded text. Arguments: the folder and the texts that
 * bench/python/tokenizer_agreement.py wrote; bench/tokenizer-agreement.sh runs both.
 */
public final class TokenizerAgreement {
    private static final int BLOCK = 1000;

    private TokenizerAgreement() {}

    /** @param args a folder with {@code list.tsv}, a file with one JSON string a line */
    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        List<String> texts = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        try (BufferedReader lines = Files.newBufferedReader(Path.of(args[1]))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                texts.add(json.readValue(line, String.class));
            }
        }
        for (String row : Files.readAllLines(Path.of(args[0], "list.tsv"))) {
            String[] columns = row.split("\t");
            boolean withOffsets = columns[1].equals("tokenizers") || columns[1].equals("transformers");
            List<String> words = columns[4].equals("-") ? List.of() : List.of(columns[4].split(" "));
            Tokenizer tokenizer = AutoTokenizer.load(Path.of(columns[3]));
            for (int begin = 0; begin < texts.size(); begin += BLOCK) {
                List<String> block = texts.subList(begin, Math.min(begin + BLOCK, texts.size())).stream()
                        .filter(text -> words.stream().noneMatch(text::contains))
                        .toList();
                System.out.println(columns[0] + " " + begin + " " + digest(tokenizer, block, withOffsets));
            }
        }
    }

    private static String digest(Tokenizer tokenizer, List<String> texts, boolean withOffsets)
            throws NoSuchAlgorithmException {
        MessageDigest sha = MessageDigest.getInstance("SHA-256");
        long tokens = 0;
        for (Encoding encoding : texts.parallelStream().map(tokenizer::encodePlain).toList()) {
            int[] ids = encoding.ids();
            tokens += ids.length;
            ByteBuffer bytes = ByteBuffer.allocate(ids.length * 12 + 1).order(ByteOrder.LITTLE_ENDIAN);
            for (int id : ids) {
                bytes.putInt(id);
            }
            bytes.put((byte) ';');
            if (withOffsets) {
                for (int i = 0; i < ids.length; i++) {
                    bytes.putInt(encoding.starts()[i]).putInt(encoding.ends()[i]);
                }
            }
            sha.update(bytes.flip());
            if (withOffsets) {
                sha.update((tokenizer.decodeWithSpecialTokens(ids) + ";").getBytes(StandardCharsets.UTF_8));
            }
        }
        return tokens + " " + HexFormat.of().formatHex(sha.digest()).substring(0, 16);
    }
}

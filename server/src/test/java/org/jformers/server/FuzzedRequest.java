package org.jformers.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A request that is fine, and what becomes of it: other values, other bytes, another head. */
record FuzzedRequest(String method, String path, String body) {
    private static final List<String> METHODS = List.of(
            "GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "post", "CONNECT", "FOO", "");
    private static final List<String> PATHS = List.of(
            "?a=b", "/", "//", "/..", "%00", "%2f..%2f", ";a=b", "#a", "%", "%zz", "\u00e9", "/" + "a".repeat(9_000),
            "\t", "\\");
    private static final List<String> HEADERS = List.of(
            "Content-Type: text/plain", "Content-Type: application/json; charset=utf-16", "Content-Type:",
            "Content-Length: -1", "Content-Length: 99999999999999999999", "Content-Length: 5, 5", "Content-Length: 3",
            "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Expect: 100-continue",
            "Content-Encoding: gzip", "Host: evil.example", "Host:", "Authorization: Bearer \u00e9", "Authorization",
            "X-Api-Key: " + "k".repeat(5_000), "Connection: keep-alive, close", "Upgrade: h2c", "HTTP2-Settings: AAAA",
            "X: " + "x".repeat(40_000), "Cookie: " + "a=b; ".repeat(1_000), "no colon", ": no name", "A B: c",
            "Accept: text/event-stream", "Range: bytes=0-5", "If-None-Match: *", "X-HTTP-Method-Override: DELETE");
    private static final List<String> TEXTS = List.of(
            "", " ", "\u0000", "\ud800", "\udc00a", "\ufeff", "\ud83c\udf0b", "<|im_start|>", "{{ 7 }}", "../tiny",
            "tiny", "tiny:", "labels", "vectors", "ranks", "base64", "AAAA", "assistant", "tool", "function",
            "\r\n\r\ndata: [DONE]", "a".repeat(3_000), "\u6f22".repeat(5_000), "(a+)+$", "%s%n", "NaN", "1");
    private static final List<String> NUMBERS = List.of("-1", "0", "1", "2", "1.5", "2147483647", "2147483648",
            "9223372036854775807", "9223372036854775808", "-1e308", "1e308", "1e-320", "1e400", "100000000000000000000",
            "NaN", "-Infinity", "0x10", "01", "1.", "1" + "0".repeat(90));
    private static final List<Charset> CHARSETS = List.of(StandardCharsets.UTF_8, StandardCharsets.UTF_8,
            StandardCharsets.UTF_8, StandardCharsets.UTF_16, StandardCharsets.UTF_16LE, StandardCharsets.ISO_8859_1);
    /** Stands for a number that JSON may not have, until the text is there. */
    private static final String NUMBER = "@number@";

    /**
     * The bytes of a request that is damaged, mostly in one way.
     *
     * @param others whose values may come into this one
     * @param admin a key, which some requests bring
     */
    byte[] damaged(List<FuzzedRequest> others, Random random, String admin) {
        String json = body.isEmpty() && random.nextInt(3) > 0 ? "" : json(others, random);
        byte[] bytes = json.getBytes(CHARSETS.get(random.nextInt(10) == 0 ? random.nextInt(CHARSETS.size()) : 0));
        if (random.nextInt(4) == 0) {
            bytes = bytes(bytes, random);
        }
        StringBuilder head = new StringBuilder();
        boolean odd = random.nextInt(4) == 0;
        head.append(odd && random.nextInt(3) == 0 ? one(METHODS, random) : method).append(' ').append(path);
        if (odd && random.nextInt(3) == 0) {
            head.append(one(PATHS, random));
        }
        head.append(odd && random.nextInt(12) == 0 ? " HTTP/9.7" : " HTTP/1.1").append("\r\n");
        List<String> headers = new ArrayList<>(List.of("Host: localhost", "Content-Type: application/json",
                "Content-Length: " + bytes.length, "Connection: close"));
        if (path.startsWith("/admin") && random.nextBoolean()) {
            headers.add("Authorization: Bearer " + admin);
        }
        while (odd && random.nextInt(3) > 0) {
            int place = random.nextInt(headers.size());
            if (random.nextBoolean()) {
                headers.add(place, one(HEADERS, random));
            } else {
                headers.set(place, one(HEADERS, random));
            }
        }
        headers.forEach(header -> head.append(header).append("\r\n"));
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        all.writeBytes(bytes);
        byte[] whole = all.toByteArray();
        return random.nextInt(40) == 0 ? bytes(whole, random) : whole;
    }

    private static <T> T one(List<T> of, Random random) {
        return of.get(random.nextInt(of.size()));
    }

    /** The body with some values changed. */
    private String json(List<FuzzedRequest> others, Random random) {
        String of = body.isEmpty() ? "{}" : body;
        JsonNode tree = Client.tree(of).deepCopy();
        List<String> numbers = new ArrayList<>();
        for (int change = random.nextInt(4); change > 0; change--) {
            List<JsonNode> places = new ArrayList<>();
            containers(tree, places);
            change(one(places, random), others, random, numbers);
        }
        String text = tree.toString();
        for (String number : numbers) {
            text = text.replaceFirst("\"" + NUMBER + "\"", number);
        }
        if (random.nextInt(30) == 0 && text.length() > 2) { // a name a second time
            text = text.substring(0, text.length() - 1) + ", \"model\": \"tiny\"}";
        }
        return text;
    }

    private static void containers(JsonNode node, List<JsonNode> places) {
        if (node.isContainerNode()) {
            places.add(node);
            node.forEach(each -> containers(each, places));
        }
    }

    private static void change(JsonNode place, List<FuzzedRequest> others, Random random, List<String> numbers) {
        JsonNode value = value(others, random, numbers);
        if (place instanceof ArrayNode list) {
            switch (random.nextInt(3)) {
                case 0 -> list.add(value);
                case 1 -> list.removeAll();
                default -> {
                    if (!list.isEmpty()) {
                        list.set(random.nextInt(list.size()), value);
                    }
                }
            }
        } else if (place instanceof ObjectNode object) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            if (names.isEmpty() || random.nextInt(6) == 0) {
                object.set(one(TEXTS, random), value);
            } else if (random.nextInt(6) == 0) {
                object.remove(one(names, random));
            } else if (random.nextInt(3) == 0 && Client.tree(one(others, random).orEmpty()) instanceof ObjectNode o) {
                object.setAll(o);
            } else {
                object.set(one(names, random), value);
            }
        }
    }

    private String orEmpty() {
        return body.isEmpty() ? "{}" : body;
    }

    private static JsonNode value(List<FuzzedRequest> others, Random random, List<String> numbers) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        switch (random.nextInt(8)) {
            case 0:
                return make.nullNode();
            case 1:
                return make.booleanNode(random.nextBoolean());
            case 2:
            case 3:
                numbers.add(one(NUMBERS, random));
                return make.textNode(NUMBER);
            case 4:
                return make.textNode(one(TEXTS, random));
            case 5:
                JsonNode deep = make.textNode("a");
                for (int level = random.nextInt(90); level > 0; level--) {
                    deep = level % 2 == 0 ? make.arrayNode().add(deep) : make.objectNode().set("a", deep);
                }
                return deep;
            case 6:
                ArrayNode many = make.arrayNode();
                JsonNode each = random.nextBoolean() ? make.numberNode(random.nextInt(400)) : make.textNode("a");
                for (int count = random.nextInt(5_000); count > 0; count--) {
                    many.add(each);
                }
                return many;
            default:
                return Client.tree(one(others, random).orEmpty());
        }
    }

    /** Some bytes changed, added, taken out, or the rest cut off. */
    private static byte[] bytes(byte[] whole, Random random) {
        if (whole.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        ByteArrayOutputStream changed = new ByteArrayOutputStream();
        int at = random.nextInt(whole.length);
        changed.write(whole, 0, at);
        switch (random.nextInt(4)) {
            case 0 -> {
                changed.write(random.nextInt());
                changed.write(whole, at + 1, whole.length - at - 1);
            }
            case 1 -> {
                changed.write(random.nextInt());
                changed.write(whole, at, whole.length - at);
            }
            case 2 -> {
                int to = at + random.nextInt(whole.length - at);
                changed.write(whole, to, whole.length - to);
            }
            default -> { } // cut off
        }
        return changed.toByteArray();
    }
}

package org.jformers.text.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What happens to the tokens of one text or a pair before they are joined: trimmed offsets, added special tokens. */
interface PostProcessor {
    PostProcessor NONE = new PostProcessor() {
        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            return texts;
        }

        @Override
        public int added(boolean pair) {
            return 0;
        }
    };

    Map<String, Function<Component, PostProcessor>> TYPES = Map.of(
            "TemplateProcessing", Template::of,
            "BertProcessing", Ends::bert,
            "RobertaProcessing", c -> sequence(List.of(OffsetTrimming.of(c), Ends.roberta(c))),
            "ByteLevel", OffsetTrimming::byteLevel,
            "Sequence", c -> sequence(c.list("processors").stream().map(PostProcessor::required).toList()));

    List<String> UNNAMED = List.of("RobertaProcessing", "BertProcessing", "TemplateProcessing");

    List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens);

    /** Number of special tokens that are added. */
    int added(boolean pair);

    static PostProcessor of(@Nullable JsonNode node) {
        return node == null || node.isNull() ? NONE : required(node);
    }

    /** The fields decide and not the name of the type where a type has fields of its own. */
    private static PostProcessor required(JsonNode node) {
        boolean named = node.isObject() && List.of("ByteLevel", "Sequence").contains(node.path("type").asText());
        boolean fields = node.isObject() && (node.has("sep") || node.has("single"));
        return named && !fields || !node.isObject()
                ? Component.build("post-processor", node, TYPES)
                : Component.guess("post-processor", node, UNNAMED, TYPES);
    }

    /** Steps in a row, and parts that they may cut a text into: some double them. */
    int MAX_STEPS = 100;
    int MAX_PARTS = 1000;

    private static PostProcessor sequence(List<PostProcessor> steps) {
        if (steps.size() > MAX_STEPS) {
            throw new TokenizerException(
                    "post-processor: must have at most " + MAX_STEPS + " steps, got " + steps.size());
        }
        return new PostProcessor() {
            @Override
            public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
                List<Encoding> result = texts;
                for (PostProcessor step : steps) {
                    result = step.process(result, addSpecialTokens);
                    if (result.size() > MAX_PARTS) {
                        throw new TokenizerException(
                                "post-processor: its steps make more than the allowed " + MAX_PARTS + " parts");
                    }
                }
                return result;
            }

            @Override
            public int added(boolean pair) {
                return steps.stream().mapToInt(step -> step.added(pair)).sum();
            }
        };
    }

    /** Takes the spaces that byte-level tokens carry out of their offsets. */
    record OffsetTrimming(boolean trim, boolean addPrefixSpace) implements PostProcessor {

        static OffsetTrimming of(Component component) {
            return new OffsetTrimming(component.flag("trim_offsets"), component.flag("add_prefix_space"));
        }

        static OffsetTrimming byteLevel(Component component) {
            component.flag("use_regex", true);
            return of(component);
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            if (!trim) {
                return texts;
            }
            List<Encoding> result = new ArrayList<>(texts.size());
            for (Encoding text : texts) {
                result.add(trimmed(text));
            }
            return result;
        }

        @Override
        public int added(boolean pair) {
            return 0;
        }

        private Encoding trimmed(Encoding encoding) {
            int[] starts = encoding.starts().clone();
            int[] ends = encoding.ends().clone();
            List<String> tokens = encoding.tokens();
            for (int i = 0; i < starts.length; i++) {
                String token = tokens.get(i);
                int leading = spaces(token, 0, 1);
                int trailing = spaces(token, token.length() - 1, -1);
                if (leading == 0 && trailing == 0) {
                    continue;
                }
                int start = starts[i];
                int end = ends[i];
                if (leading > 0 && addPrefixSpace && (i == 0 || start == 0)) {
                    leading--; // the space that was put before the text has no place in it
                }
                start = Math.min(start + leading, end);
                if (trailing > 0 && end >= trailing) {
                    end = Math.max(end - trailing, start);
                }
                starts[i] = start;
                ends[i] = end;
            }
            return encoding.withOffsets(starts, ends, encoding.eachWindow(this::trimmed));
        }

        private static int spaces(String token, int from, int step) {
            int count = 0;
            for (int i = from; i >= 0 && i < token.length(); i += step) {
                if (token.charAt(i) != ByteLevel.character(' ') && !CodePoints.isWhitespace(token.charAt(i))) {
                    break;
                }
                count++;
            }
            return count;
        }
    }

    /**
     * One token before the first text and one after every text; RoBERTa has a second one between texts and no types.
     */
    record Ends(Encoding first, Encoding last, Encoding lastOfFurther, boolean roberta) implements PostProcessor {

        static Ends bert(Component component) {
            return new Ends(
                    special(component, "cls", 0), special(component, "sep", 0), special(component, "sep", 1), false);
        }

        static Ends roberta(Component component) {
            Encoding end = special(component, "sep", 0);
            return new Ends(special(component, "cls", 0), end, end, true);
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            List<Encoding> result = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                Encoding text = roberta ? texts.get(i).withType(0) : texts.get(i);
                if (!addSpecialTokens) {
                    result.add(text);
                    continue;
                }
                if (i == 0) {
                    result.addAll(List.of(first, text, last));
                } else {
                    result.addAll(roberta ? List.of(last, text, last) : List.of(text, lastOfFurther));
                }
            }
            return result;
        }

        @Override
        public int added(boolean pair) {
            return pair ? roberta ? 4 : 3 : 2;
        }

        private static Encoding special(Component component, String field, int type) {
            List<JsonNode> pair = component.list(field);
            if (pair.size() != 2 || !pair.get(0).isTextual() || !Component.isCount(pair.get(1))) {
                throw component.error(field + " must be [token, id], got " + component.node().path(field));
            }
            return Encoding.special(
                    new int[] {pair.get(1).intValue()}, List.of(pair.get(0).textValue()), type);
        }
    }

    /** Special tokens around and between the texts. */
    record Template(List<Piece> single, List<Piece> pair) implements PostProcessor {
        /** Special tokens of a template, and how often it may repeat a text; real ones have ten and one. */
        private static final int MAX_ADDED = 10_000;
        private static final int MAX_USES = 16;

        /**
         * A part of the template: a text, or special tokens.
         *
         * @param sequence 0 or 1 for the texts, -1 for special tokens
         * @param special the special tokens, of a piece that is no text
         * @param type type of the tokens
         */
        record Piece(int sequence, Optional<Encoding> special, int type) {

            Encoding apply(List<Encoding> texts) {
                return special.orElseGet(() -> texts.get(sequence).withType(type));
            }
        }

        static Template of(Component component) {
            Map<String, Encoding> specials = specialTokens(component);
            return new Template(
                    pieces(component, "single", 1, specials), pieces(component, "pair", 2, specials));
        }

        @Override
        public List<Encoding> process(List<Encoding> texts, boolean addSpecialTokens) {
            if (texts.size() > 2) {
                throw new TokenizerException("post-processor TemplateProcessing: takes one text or two, got "
                        + texts.size() + " parts from the step before");
            }
            List<Encoding> result = new ArrayList<>();
            for (Piece piece : texts.size() == 1 ? single : pair) {
                if (piece.special().isEmpty() || addSpecialTokens) {
                    result.add(piece.apply(texts));
                }
            }
            return result;
        }

        @Override
        public int added(boolean isPair) {
            return (isPair ? pair : single)
                    .stream().mapToInt(piece -> piece.special().map(Encoding::length).orElse(0)).sum();
        }

        /** The special tokens by the names that pieces give them. */
        private static Map<String, Encoding> specialTokens(Component component) {
            Map<String, Encoding> specials = new HashMap<>();
            for (Map.Entry<String, JsonNode> entry : component.object("special_tokens").properties()) {
                Component special = new Component(
                        component.kind() + ": special token \"" + entry.getKey() + "\"", entry.getValue());
                special.text("id");
                List<JsonNode> ids = special.list("ids");
                List<JsonNode> tokens = special.list("tokens");
                if (!ids.stream().allMatch(Component::isCount) || !tokens.stream().allMatch(JsonNode::isTextual)) {
                    throw special.error("ids must be whole numbers and tokens strings");
                }
                if (ids.size() != tokens.size()) {
                    throw component.error("special token \"" + entry.getKey() + "\" has " + ids.size() + " ids and "
                            + tokens.size() + " tokens");
                }
                specials.put(entry.getKey(), Encoding.special(
                        ids.stream().mapToInt(JsonNode::intValue).toArray(),
                        tokens.stream().map(JsonNode::textValue).toList(), 0));
            }
            return specials;
        }

        private static List<Piece> pieces(
                Component component, String field, int texts, Map<String, Encoding> specials) {
            List<Piece> pieces = new ArrayList<>();
            long added = 0;
            int uses = 0;
            for (JsonNode node : component.list(field)) {
                boolean text = node.has("Sequence");
                if (node.size() != 1 || !(text || node.has("SpecialToken"))) {
                    throw component.error(field + " must list {\"Sequence\": ...} and {\"SpecialToken\": ...}, got "
                            + node);
                }
                Component piece = new Component(component.kind() + ": " + field, node.elements().next());
                int type = piece.integer("type_id");
                if (text) {
                    piece.oneOf("id", List.of("A", "B"));
                    int index = piece.text("id").equals("B") ? 1 : 0;
                    if (index >= texts) {
                        throw component.error(field + " names text B, which it does not have");
                    }
                    if (++uses > MAX_USES) {
                        throw component.error(field + " must name the texts at most " + MAX_USES + " times, got more");
                    }
                    pieces.add(new Piece(index, Optional.empty(), type));
                    continue;
                }
                Encoding special = specials.get(piece.text("id"));
                if (special == null) {
                    throw component.error(field + " names the special token \"" + piece.text("id")
                            + "\", which special_tokens lacks");
                }
                added += special.length();
                if (added > MAX_ADDED) {
                    throw component.error(field + " must add at most " + MAX_ADDED + " tokens, got more");
                }
                pieces.add(new Piece(-1, Optional.of(special.withType(type)), type));
            }
            return List.copyOf(pieces);
        }
    }
}

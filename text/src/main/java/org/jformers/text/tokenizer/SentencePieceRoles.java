package org.jformers.text.tokenizer;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tokens to which the training settings of a sentencepiece model give a role.
 *
 * @param names role and token
 */
record SentencePieceRoles(Map<String, String> names) {
    private static final int TRAINER = 2;

    /** Reads begin, end and unknown; a negative id means that there is none. */
    static SentencePieceRoles of(SentencePieceModel model) {
        int[] ids = {0, 1, 2};
        String[] pieces = {"<unk>", "<s>", "</s>"};
        Protobuf message = Protobuf.of(model.file());
        while (message.next()) {
            if (message.field() == TRAINER) {
                trainer(message.message(), ids, pieces);
            }
        }
        Map<String, String> names = new LinkedHashMap<>();
        String[] roles = {"unk_token", "bos_token", "eos_token"};
        for (int i = 0; i < roles.length; i++) {
            if (ids[i] >= 0) {
                names.put(roles[i], pieces[i]);
            }
        }
        return new SentencePieceRoles(names);
    }

    private static void trainer(Protobuf trainer, int[] ids, String[] pieces) {
        while (trainer.next()) {
            switch (trainer.field()) {
                case 40, 41, 42 -> ids[trainer.field() - 40] = trainer.integer();
                case 45, 46, 47 -> pieces[trainer.field() - 45] = trainer.string();
                default -> { }
            }
        }
    }
}

"""How sentencepiece's BPE cuts pieces again that are marked as unused.

Small vocabularies with pieces put together in several ways, some of them unused, and what the library makes of texts.

    python make_unused_piece_fixtures.py ../../text/src/test/resources/sentencepiece-unused.jsonl
"""

import base64
import itertools
import json
import random
import sys

import sentencepiece
from sentencepiece import sentencepiece_model_pb2 as pb


def model(rng, letters):
    proto = pb.ModelProto()
    proto.trainer_spec.model_type = 2
    proto.normalizer_spec.name = "identity"
    proto.normalizer_spec.add_dummy_prefix = False
    proto.normalizer_spec.remove_extra_whitespaces = False
    proto.pieces.add(piece="<unk>", score=0, type=2)
    words = ["".join(w) for n in (2, 3, 4, 5) for w in itertools.product(letters, repeat=n)]
    words = rng.sample(words, min(len(words), 40)) + ["abcd", "abc", "bcd", "ab", "cd", "bc"]
    pieces = list(dict.fromkeys(words + list(letters) + ["\u00e9", "\U0001f600"]))
    rng.shuffle(pieces)
    for piece in pieces:
        kind = rng.choice([1, 1, 1, 5, 5]) if len(piece) > 1 else rng.choice([1, 1, 1, 5])
        proto.pieces.add(piece=piece, score=-rng.randrange(1, 12), type=kind)
    return proto.SerializeToString()


def main(target):
    rng = random.Random(7)
    with open(target, "w", encoding="utf-8") as out:
        for letters in ("ab", "abc", "abcd", "abcd", "abc\u00e9"):
            proto = model(rng, letters)
            library = sentencepiece.SentencePieceProcessor(model_proto=proto)
            texts = ["abcd", "abcabcd", ""] + ["".join(rng.choice(letters + "x\U0001f600") for _ in range(rng.randrange(2, n)))
                                               for n in (6, 8, 12, 20, 40, 60, 90, 120)]
            out.write(json.dumps({"model": base64.b64encode(proto).decode(), "texts": texts,
                                  "pieces": [library.encode(text, out_type=str) for text in texts]},
                                 ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])

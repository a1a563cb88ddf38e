#!/usr/bin/env python3
"""Tiny folders of every family, in four forms and by two versions of transformers, with what Python makes of each.

    python make_folder_forms.py OUT --older DIR [--only bert,gpt2-saved-5.18]

Run it with transformers 5.18.0; DIR holds transformers 4.57.6 and tokenizers 0.22.2. OUT/FAMILY then has the
folders, named FAMILY-FORM-VERSION, and beside each its cases (docs/conformance.md), named FAMILY-FORM-VERSION-OPERATION.
The forms: `saved` as save_pretrained writes it; `older` with the older vocabulary files and a bare tokenizer_config.json (or
a preprocessor_config.json that names no class); `sharded` in several .bin files, without tokenizer_config.json; `nameless`
with a config.json without `architectures`. What 5.18.0 gives is expected; where it fails, what 4.57.6 gives; where both
fail, what the family's own class makes of the files, or an error. Seeded.
"""
from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import types

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
import transformers as tf  # noqa: E402
from PIL import Image  # noqa: E402

import make_model_fixtures as models  # noqa: E402
from fixture_toolkit import randomise  # noqa: E402
from make_folder_fixtures import older  # noqa: E402

torch.set_num_threads(1)

# XLM asks for Moses, which cuts CUT at its spaces and changes nothing in it.
moses = types.SimpleNamespace(normalize=lambda text: text, tokenize=lambda text, **_: text.split())
sys.modules["sacremoses"] = types.ModuleType("sacremoses")
vars(sys.modules["sacremoses"]).update(MosesPunctNormalizer=lambda lang: moses, MosesTokenizer=lambda lang: moses)
tf.logging.set_verbosity_error()
tf.logging.disable_progress_bar()
TOKENIZERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../text/src/test/resources")
FORMS = ("saved", "older", "sharded", "nameless")
TEXTS = ["Hello world, isn't it?", "  two  spaces ", "na\u00efve \u65e5\u672c\u8a9e 12345\n\U0001f600", "<s> x </s> y<mask> <pad>",
         "[CLS] a [SEP][MASK] <|endoftext|> b", ["the first", "And the Second"]]
CUT = ["hello world", "the second of them", "a b", ["the first", "and the second"]]
LETTERS = ["HELLO WORLD", "hello  A|B", "<pad> HE <s>LLO</s> X", "\u00c9 A <unk>"]

# family: its function in make_model_fixtures, head, task, vocabulary, tokenizer's class, name of its vocabulary's file
MASKED, CAUSAL, SEQ2SEQ = ("masked-lm", "MASKED_LM"), ("lm", "CAUSAL_LM"), ("lm", "SEQ2SEQ_LM")
FAMILIES = {
    "bert": ("bert", *MASKED, "bert-wordpiece-uncased", "Bert", None),
    "roberta": ("roberta", *MASKED, "roberta-byte-level-bpe", "Roberta", None),
    "xlm-roberta": ("xlm_roberta", *MASKED, "xlm-roberta-unigram", "XLMRoberta", None),
    "camembert": ("roberta", *MASKED, "xlm-roberta-unigram", "Camembert", None),
    "distilbert": ("distilbert", *MASKED, "bert-wordpiece-cased", "DistilBert", None),
    "albert": ("albert", *MASKED, "albert-unigram", "Albert", None),
    "electra": ("electra", "generator-masked-lm", "MASKED_LM", "bert-wordpiece-cased", "Electra", None),
    "deberta-v2": ("deberta_v2", *MASKED, "t5-unigram", "DebertaV2", "spm.model"),
    "xlnet": ("xlnet", *CAUSAL, "xlnet-unigram", "XLNet", None),
    "xlm": ("xlm", "lm", "MASKED_LM", "openai-gpt-bpe", "XLM", None),
    "gpt2": ("gpt2", *CAUSAL, "gpt2-byte-level-bpe", "GPT2", None),
    "openai-gpt": ("openai_gpt", *CAUSAL, "openai-gpt-bpe", "OpenAIGPT", None),
    "gpt_neo": ("gpt_neo", *CAUSAL, "gpt2-byte-level-bpe", "GPT2", None),
    "opt": ("opt", *CAUSAL, "gpt2-byte-level-bpe", "GPT2", None),
    "ctrl": ("ctrl", *CAUSAL, "ctrl-bpe", "CTRL", None),
    "llama": ("llama", *CAUSAL, "llama-bpe-byte-fallback", "Llama", None),
    "mistral": ("mistral", *CAUSAL, "llama-bpe-byte-fallback", "Llama", None),
    "mixtral": ("mixtral", *CAUSAL, "llama-bpe-byte-fallback", "Llama", None),
    "qwen2": ("qwen2", *CAUSAL, "gpt2-byte-level-bpe", "Qwen2", None),
    "qwen3": ("qwen3", *CAUSAL, "gpt2-byte-level-bpe", "Qwen2", None),
    "gemma2": ("gemma2", *CAUSAL, "llama-bpe-byte-fallback", "Gemma", None),
    "gemma3_text": ("gemma3", *CAUSAL, "llama-bpe-byte-fallback", "Gemma", None),
    "t5": ("t5", "v1.0", "SEQ2SEQ_LM", "t5-unigram", "T5", None),
    "mt5": ("t5", "v1.1", "SEQ2SEQ_LM", "t5-unigram", "T5", None),
    "bart": ("bart", *SEQ2SEQ, "roberta-byte-level-bpe", "Bart", None),
    "mbart": ("mbart", *SEQ2SEQ, "xlm-roberta-unigram", "MBart", None),
    "marian": ("marian", *SEQ2SEQ, "marian-two-models", "Marian", None),
    "pegasus": ("pegasus", *SEQ2SEQ, "pegasus-unigram", "Pegasus", None),
    "vit": ("vit", "image-classification", "IMAGE_CLASSIFICATION", None, None, None),
    "clip": ("clip", None, "CONTRASTIVE", "clip-bpe", "CLIP", None),
    "whisper": ("whisper", None, "SEQ2SEQ_LM", "gpt2-byte-level-bpe", "Whisper", None),
    "wav2vec2": ("wav2vec2", None, "CTC", None, "Wav2Vec2CTC", None),
}
RENAMED = {"camembert": ("Roberta", "Camembert"), "mt5": ("T5", "MT5")}  # families that compute as another one


def vocabulary(family, folder):
    """The older files of a family's tokenizer; its vocabulary's size, about."""
    _, _, _, name, cls, renamed = FAMILIES[family]
    if family == "wav2vec2":
        letters = ["<pad>", "<s>", "</s>", "<unk>", "|", *"ETAONIHSRDLUMWCFGYPBVK'XJQZ"]
        write(folder, "vocab.json", {t: i for i, t in enumerate(letters)})
    elif name is not None:
        for file, source in older(TOKENIZERS, name, renamed).items():
            shutil.copy(os.path.join(TOKENIZERS, "tokenizers", source), os.path.join(folder, file))


def write(folder, name, content):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as f:
        json.dump(content, f)


def tokenizer(family):
    with tempfile.TemporaryDirectory() as folder:
        vocabulary(family, folder)
        write(folder, "config.json", {"model_type": family})
        write(folder, "tokenizer_config.json", {"tokenizer_class": FAMILIES[family][4] + "Tokenizer"})
        return tf.AutoTokenizer.from_pretrained(folder)


def model(family, tok):
    function, head, *_ = FAMILIES[family]
    size = {} if tok is None or family == "wav2vec2" else {"vocab_size": len(tok) + 3}
    if family == "marian":
        size = {**dict.fromkeys(("vocab_size", "decoder_vocab_size"), len(tok)),
                **dict.fromkeys(("pad_token_id", "decoder_start_token_id"), len(tok) - 1)}
    extra = {"text": {**size, "bos_token_id": len(tok) - 2, "eos_token_id": len(tok) - 1}} if family == "clip" else {}
    variant = models.Variant(cfg={} if extra else size, heads=(head,) if head else None, lengths=(6, 4), gen=False, extra=extra)
    spec = getattr(models, function)(variant)[0]
    config, name = spec.config, spec.head
    if family in RENAMED:
        name = name.replace(*RENAMED[family])
        keys = {k: v for k, v in config.to_dict().items() if k not in ("model_type", "transformers_version")}
        config = getattr(tf, name).config_class(**keys)
    torch.manual_seed(0)
    net = getattr(tf, name)(config)
    randomise(net.eval(), spec.base_seed, spec.gain, spec.emb_std, spec.head_gain, spec.pos_gain, spec.ffn_gain, spec.cross_gain)
    inputs = {k: (v if family == "clip" else v[:1]) for k, v in spec.cases[1 if family == "xlnet" else 0].inputs.items()
              if "label" not in k}
    return net, inputs


def processor(family, tok):
    """What is saved beside the model: the tokenizer, or what holds it and reads images or sounds."""
    if family == "vit":
        return tf.ViTImageProcessor(size={"height": 16, "width": 16})
    if family == "clip":
        return tf.CLIPProcessor(tf.CLIPImageProcessor(size={"shortest_edge": 16}, crop_size={"height": 16, "width": 16}), tok)
    if family == "whisper":
        return tf.WhisperProcessor(tf.WhisperFeatureExtractor(feature_size=16), tok)
    return tf.Wav2Vec2Processor(tf.Wav2Vec2FeatureExtractor(), tok) if family == "wav2vec2" else tok


# ------------------------------------------------------------------------------------- the forms
def wanted(only, family, form, version):
    return not only or family in only or f"{family}-{form}-{version}" in only


def save(out, only):
    version = ".".join(tf.__version__.split(".")[:2])
    for family in FAMILIES:
        forms = [form for form in FORMS if wanted(only, family, form, version)]
        if not forms:
            continue
        tok = tokenizer(family) if FAMILIES[family][4] else None
        net, inputs = model(family, tok)
        os.makedirs(os.path.join(out, family), exist_ok=True)
        torch.save((type(net).__name__, inputs), os.path.join(out, family, "inputs.pt"))
        for form in forms:
            folder = os.path.join(out, family, f"{family}-{form}-{version}")
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
            net.save_pretrained(folder)
            reader = processor(family, tok)
            if form == "older":
                vocabulary(family, folder)
                if tok is not None:
                    write(folder, "tokenizer_config.json", {"model_max_length": 512})
                reader = getattr(reader, "image_processor", getattr(reader, "feature_extractor", reader))
                if reader is not tok:
                    reader.save_pretrained(folder)
                    edit(os.path.join(folder, "preprocessor_config.json"), lambda json: [
                        json.pop(k, None) for k in ("image_processor_type", "feature_extractor_type", "processor_class")])
            else:
                reader.save_pretrained(folder)
            if form == "sharded":
                shard(net, folder)
                if tok is not None:
                    os.remove(os.path.join(folder, "tokenizer_config.json"))
            if form == "nameless":
                edit(os.path.join(folder, "config.json"), lambda json: json.pop("architectures"))


def edit(path, change):
    with open(path, encoding="utf-8") as f:
        content = json.load(f)
    change(content)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(content, f, indent=2)


def shard(net, folder):
    """The version's own .bin files where it writes them; version 5 does not, so its tensors as it names them."""
    from safetensors.torch import load_file
    path = os.path.join(folder, "model.safetensors")
    tensors = load_file(path)
    os.remove(path)
    if tf.__version__.startswith("4."):
        size = 4 * sum(p.numel() for p in net.parameters())
        net.save_pretrained(folder, safe_serialization=False, max_shard_size=int(size / 2.5))
        return
    names, total = sorted(tensors), sum(t.numel() * t.element_size() for t in tensors.values())
    shards = [{}]
    for name in names:
        if len(shards) < 3 and sum(t.numel() * 4 for t in shards[-1].values()) > total / 3:
            shards.append({})
        shards[-1][name] = tensors[name]
    files = [f"pytorch_model-{i + 1:05}-of-{len(shards):05}.bin" for i in range(len(shards))]
    for file, content in zip(files, shards):
        torch.save(content, os.path.join(folder, file))
    where = {name: file for file, content in zip(files, shards) for name in content}
    write(folder, "pytorch_model.bin.index.json", {"metadata": {"total_size": total}, "weight_map": where})


# ------------------------------------------------------------------------------------- what Python gives
def made(out):
    """The families that are being made: their inputs are there."""
    return [family for family in FAMILIES if os.path.exists(os.path.join(out, family, "inputs.pt"))]


def attempt(call):
    try:
        return {"value": call()}
    except Exception as e:  # noqa: BLE001 - that it fails is what is recorded
        return {"error": f"{type(e).__name__}: {str(e).strip().splitlines()[0][:120] if str(e).strip() else ''}"}


def tokens(tok, family):
    result = []
    for one in LETTERS if family == "wav2vec2" else CUT if family == "xlm" else TEXTS:
        texts = (one,) if isinstance(one, str) else one
        ids = tok(*texts)["input_ids"]
        result.append({"ids": ids, "decoded": tok.decode(ids, skip_special_tokens=True), "decoded_special": tok.decode(ids)})
    return result


def scores(net, inputs):
    with torch.no_grad():
        result = net.eval()(**inputs)
    names = [n for n in ("logits", "logits_per_image", "last_hidden_state") if getattr(result, n, None) is not None][:1]
    return {n: [float(f"{x:.6g}") for x in result[n].flatten().tolist()] for n in names}


def record(out):
    results = {}
    for family in made(out):
        head, inputs = torch.load(os.path.join(out, family, "inputs.pt"), weights_only=False)
        for name in sorted(os.listdir(os.path.join(out, family))):
            folder = os.path.join(out, family, name)
            if not os.path.isdir(folder) or not os.path.exists(os.path.join(folder, "config.json")):
                continue
            kw = {"dtype": torch.float32, "attn_implementation": "eager"}
            one = results[name] = {"forward": attempt(lambda: scores(getattr(tf, head).from_pretrained(folder, **kw), inputs))}
            if "-nameless-" in name and FAMILIES[family][2] not in ("SEQ2SEQ_LM", "CONTRASTIVE"):  # those have no body alone
                one["body"] = attempt(lambda: scores(tf.AutoModel.from_pretrained(folder, **kw), inputs))
            if FAMILIES[family][4]:
                cls = getattr(tf, FAMILIES[family][4] + "Tokenizer")
                one["tokenize"] = attempt(lambda: tokens(tf.AutoTokenizer.from_pretrained(folder), family))
                one["own"] = attempt(lambda: tokens(cls.from_pretrained(folder), family))
            if family in ("vit", "clip"):
                image = Image.open(os.path.join(out, family, "image.png"))
                one["pixels"] = attempt(lambda: [float(f"{x:.7g}") for x in tf.AutoImageProcessor.from_pretrained(folder)(
                    image, return_tensors="pt")["pixel_values"].flatten().tolist()])
    return results


# ------------------------------------------------------------------------------------- the cases
def cases(out, here, there):
    for family in made(out):
        for name in sorted(n for n in here if n.startswith(family + "-") and n[len(family) + 1:].count("-") == 1):
            for op in ("forward", "body", "tokenize", "pixels"):
                if op in here[name]:
                    case(out, family, name, op, here[name], there[name])
        os.remove(os.path.join(out, family, "inputs.pt"))


def case(out, family, name, op, here, there):
    _, inputs = torch.load(os.path.join(out, family, "inputs.pt"), weights_only=False)
    source, kept = tf.__version__, here[op]
    if "error" in kept:
        source, kept = f"4.57.6; {source}: {kept['error']}", there[op]
    if "error" in kept and op == "tokenize":
        source, kept = f"{FAMILIES[family][4]}Tokenizer of the files; AutoTokenizer: {here[op]['error']}", here["own"]
        if "error" in kept:
            kept = there["own"]
    result = {"op": "forward" if op == "body" else op, "topic": "forms of folders", "source": "transformers " + source,
              "correct": "as Python reads the folder", "folder": "../" + name}
    if op in ("forward", "body"):
        result["inputs"] = {k: v.tolist() for k, v in inputs.items()}
        result["outputs"] = list(kept.get("value", {}))
        result["tolerance"] = 1e-4
        if op == "forward" and "-nameless-" in name:
            result["task"] = FAMILIES[family][2]
    elif op == "tokenize":
        result["texts"] = LETTERS if family == "wav2vec2" else CUT if family == "xlm" else TEXTS
    else:
        result.update(file="../image.png", tolerance=1e-4)
    result.update({"expected": kept["value"]} if "value" in kept else {"refused": True})
    folder = os.path.join(out, family, f"{name}-{op}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "case.json"), "w", encoding="utf-8") as f:
        json.dump(result, f)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--older", help="folder with transformers 4.57.6")
    parser.add_argument("--only", default="", help="families and folders' names, separated by commas")
    parser.add_argument("--step", choices=["save", "record"], help="only this, with the version at hand")
    args = parser.parse_args()
    only = [name for name in args.only.split(",") if name]
    if args.step == "save":
        return save(args.out, only)
    if args.step == "record":
        return print(json.dumps(record(args.out)))

    def other(step):
        command = [sys.executable, __file__, args.out, "--only", args.only, "--step", step]
        return subprocess.run(command, env={**os.environ, "PYTHONPATH": args.older}, check=True, stdout=subprocess.PIPE).stdout

    other("save")
    save(args.out, only)
    for family in {"vit", "clip"} & set(made(args.out)):
        rows = torch.randint(0, 256, (21, 34, 3), generator=torch.Generator().manual_seed(1)).to(torch.uint8)
        Image.fromarray(rows.numpy()).save(os.path.join(args.out, family, "image.png"))
    cases(args.out, record(args.out), json.loads(other("record")))
    return None


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Golden renderings of chat templates.

    python make_chat_fixtures.py OUT_DIR [--check]

Oracle: jinja2 3.1.6 in the environment of transformers 5.18.0. OUT_DIR/templates holds the templates, which were
written for these tests; the script writes OUT_DIR/snippets.jsonl and OUT_DIR/renderings.jsonl, and renders anew the
templates of OUT_DIR/random.jsonl, which were made at random and kept where the engine once differed. A line with
"error" instead of "expected" is one that the reference refuses.
"""
from __future__ import annotations

import argparse
import copy
import datetime
import json
import pathlib

from transformers.utils import chat_template_utils as reference

from chat_conversations import CONVERSATIONS, TEMPLATES
from chat_snippets import EXPRESSIONS, SNIPPETS, VARIABLES

NOW = datetime.datetime(2024, 7, 5, 9, 4, 3)


class FixedTime(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


def expressions():
    texts, open_text = [], ""
    for line in EXPRESSIONS.strip("\n").split("\n"):
        open_text += line
        if open_text == '"multi':
            open_text += "\n"
            continue
        texts.append("{{ " + open_text + " }}")
        open_text = ""
    return texts + SNIPPETS


def line(key, compute):
    try:
        return {**key, **compute()}
    except Exception as error:  # whatever the reference refuses
        message = str(error) if type(error).__name__ == "TemplateError" else type(error).__name__
        return {**key, "error": message}


def snippets():
    for text in expressions():
        found = line({"template": text}, lambda: {
            "expected": reference._compile_jinja_template(text).render(**copy.deepcopy(VARIABLES))})
        if " at 0x" not in found.get("expected", ""):  # a place in memory
            yield found


def again(file):
    """The same random templates with what the reference gives now."""
    first, *lines = [json.loads(entry) for entry in file.read_text(encoding="utf-8").splitlines()]
    yield first
    for entry in lines:
        text = entry["template"]
        yield line({"template": text}, lambda: {
            "expected": reference._compile_jinja_template(text).render(**copy.deepcopy(first["variables"]))})


def renderings(folder):
    for name, settings in TEMPLATES.items():
        source = (folder / f"{name}.jinja").read_text(encoding="utf-8")
        for conversation, request in CONVERSATIONS.items():
            for prompt in (False, True):
                variables = {**settings, **request.get("variables", {})}
                key = {"template": name, "conversation": conversation, "prompt": prompt}

                def compute():
                    texts, spans = reference.render_jinja_template(
                        [copy.deepcopy(request["messages"])], tools=request.get("tools"),
                        documents=request.get("documents"), chat_template=source,
                        return_assistant_tokens_mask=True, add_generation_prompt=prompt, **variables)
                    return {"expected": texts[0], "generated": spans[0]}

                yield line(key, compute)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    reference.datetime = FixedTime
    files = {
        "snippets.jsonl": [{"variables": VARIABLES}, *snippets()],
        "random.jsonl": [*again(arguments.out / "random.jsonl")],
        "renderings.jsonl": [{"tokens": TEMPLATES, "conversations": CONVERSATIONS}, *renderings(arguments.out / "templates")],
    }
    for name, lines in files.items():
        text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in lines)
        if arguments.check:
            same = (arguments.out / name).read_text(encoding="utf-8") == text
            print(name, "is the same" if same else "DIFFERS")
        else:
            (arguments.out / name).write_text(text, encoding="utf-8")
            print(name, len(lines) - 1, "lines,", sum("error" in entry for entry in lines), "errors")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""The small files that the pages on questions, choices and rankings train on: make_reading_examples.py docs/examples

Invented people and plain words, put together at random from a seed. No library needed.
"""
import csv
import json
import random
import sys
from pathlib import Path

NAMES = ["Mara", "Tilo", "Anouk", "Bero", "Silke", "Jonas", "Edda", "Ruben", "Wanda", "Kilian", "Hedy", "Oskar"]
JOBS = ["baker", "potter", "smith", "weaver", "beekeeper", "cooper", "gardener", "printer"]
TOWNS = ["Oldenau", "Birkenfeld", "Marnow", "Tiefenbach", "Seelin", "Grauhafen", "Wittmar", "Lohse"]
GOODS = ["honey", "wool", "candles", "apples", "barrels", "cheese", "baskets", "bread", "roses", "jars"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
ANIMALS = ["goats", "hens", "sheep", "ponies", "geese", "bees", "rabbits"]

KINDS = {
    "fruit": "apple pear plum cherry lemon peach banana grape apricot melon".split(),
    "tool": "hammer saw chisel pliers wrench drill file axe spade rake".split(),
    "fish": "trout salmon herring cod tuna pike carp eel mackerel sardine".split(),
    "bird": "sparrow owl eagle robin swallow heron crow goose pigeon stork".split(),
    "metal": "iron copper silver gold tin zinc lead nickel steel brass".split(),
    "instrument": "violin flute drum trumpet piano harp guitar cello oboe organ".split(),
    "vehicle": "train bicycle lorry tram boat bus sledge wagon plane ferry".split(),
    "garment": "coat scarf shirt glove sock skirt jacket hat trousers apron".split(),
}


def questions(r):
    paragraphs = []
    for number in range(60):
        name, job, home, market = r.choice(NAMES), r.choice(JOBS), *r.sample(TOWNS, 2)
        goods, day, animals, count = r.choice(GOODS), r.choice(DAYS), r.choice(ANIMALS), r.randint(2, 40)
        sentences = [f"{name} is a {job} from {home}.", f"On {day} {name} sells {goods} at the market of {market}.",
                     f"There are {count} {animals} behind the house."]
        last = sentences[1:]
        r.shuffle(last)
        context = " ".join(sentences[:1] + last)
        asked = [(f"What is {name}?", f"a {job}"), (f"Where does {name} come from?", home),
                 (f"What does {name} sell?", goods), (f"When does {name} go to the market?", day),
                 (f"How many {animals} are there?", str(count)), (f"Which animals does {name} keep?", animals),
                 (f"How old is {name}?", None), (f"Who taught {name} to swim?", None),
                 (f"What did {name} eat for breakfast?", None)]
        qas = []
        for question, answer in r.sample(asked[:6], 3) + r.sample(asked[6:], 1):
            place = [{"text": answer, "answer_start": context.index(answer)}] if answer else []
            qas.append({"id": f"{number}-{len(qas)}", "question": question, "answers": place, "is_impossible": not answer})
        paragraphs.append({"context": context, "qas": qas})
    return {"version": "v2.0", "data": [{"title": "people", "paragraphs": paragraphs}]}


def choices(r):
    rows = []
    for _ in range(320):
        kind = r.choice(list(KINDS))
        others = r.sample([other for other in KINDS if other != kind], r.randint(1, 3))
        words = [r.choice(KINDS[each]) for each in [kind] + others]
        right = words[0]
        r.shuffle(words)
        rows.append([f"{r.choice(NAMES)} looks for a kind of {kind}. Which is one?", *words, *[""] * (4 - len(words)),
                     "ABCD"[words.index(right)]])
    return rows


def ranking(r):
    rows = []
    for _ in range(120):
        names, goods, towns = r.sample(NAMES, 4), r.sample(GOODS, 4), r.sample(TOWNS, 4)
        texts = [f"{n} sells {g} in {t}." for n, g, t in zip(names, goods, towns)]
        query = r.choice([f"who sells {goods[0]} in {towns[0]}?", f"what does {names[0]} sell in {towns[0]}?"])
        for i in r.sample(range(4), 4):
            rows.append([query, texts[i], 1 if i == 0 else 0])
    return rows


def table(file, head, rows, delimiter):
    with open(file, "w", newline="") as out:
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows([head] + rows)


def main():
    out = Path(sys.argv[1])
    (out / "questions.json").write_text(json.dumps(questions(random.Random(1)), indent=0) + "\n")
    table(out / "choices.csv", ["question", "a", "b", "c", "d", "answer"], choices(random.Random(2)), ",")
    table(out / "ranking.tsv", ["query", "text", "label"], ranking(random.Random(3)), "\t")


main()

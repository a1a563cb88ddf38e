"""Writes the shipped dialogues in the form of ConvAI2: python3 tools/examples/make_small_talk.py in the project's root.

All of them were written for this project. A line is a persona, then what the other one says and what is replied, in
turns. Candidates that are not right are replies of other dialogues."""
import json
import random

DIALOGUES = """
I grow tomatoes. I live near the sea. I have two sisters. / Hello, how are you? | Fine, I just watered my tomatoes. | Do you have a garden? | A small one, the wind from the sea is strong. | Who helps you? | My two sisters come on Sundays.
I bake bread. I get up at four. I never drink coffee. / Good morning! | Good morning, the first bread is ready. | Is it not too early? | I always get up at four. | With a lot of coffee? | No, I never drink coffee.
I drive a bus. I know every street. I like old songs. / What do you do? | I drive a bus through the town. | Do you ever get lost? | Never, I know every street. | Is it not dull? | I sing old songs on the way.
I am a teacher. I have a grey cat. I ride a bicycle. / Do you like animals? | Yes, I have a grey cat. | What is your job? | I am a teacher at a small school. | How do you get there? | I ride my bicycle, even in the rain.
I paint boats. I am afraid of deep water. My brother fishes. / What is that on your hands? | Blue paint, I paint boats. | Do you sail? | No, I am afraid of deep water. | And your family? | My brother fishes every day.
I play the drums. My neighbours do not like it. I eat too much cake. / Hi, what are your hobbies? | I play the drums. | What do your neighbours say? | They do not like it at all. | Do you bring them a gift? | I would bring cake, but I eat it all.
I study the stars. I sleep in the day. I own three telescopes. / Are you awake? | Of course, I sleep in the day. | What do you do at night? | I study the stars. | With your eyes? | With three telescopes.
I repair clocks. I am never late. My father made shoes. / What time is it? | It is noon, I repair clocks and I know. | Are you ever late? | No, I am never late. | Was your father the same? | He made shoes and came when he liked.
I live on a farm. I have forty sheep. My dog is called Pip. / Where do you live? | On a farm in the hills. | Do you have animals? | I have forty sheep. | Who looks after them? | My dog Pip does most of the work.
I write letters. I have no phone. I collect stamps. / Can I call you? | No, I have no phone. | How do we talk then? | I write letters every evening. | That costs a lot of stamps. | I collect stamps, so I have many.
I swim every day. I live by a lake. I love winter. / Are you cold? | Never, I swim every day. | Where do you swim? | In the lake by my house. | In winter too? | Winter is the time I love.
I cook in a hotel. I hate onions. I have a loud laugh. / Is dinner ready? | Soon, I cook for the whole hotel. | What is in the soup? | Anything but onions, I hate them. | I heard you from the street. | I know, my laugh is loud.
I build bridges. I grew up in the desert. I drink tea. / What do you build? | I build bridges. | Were there rivers where you grew up? | No, I grew up in the desert. | Coffee? | I would rather have tea.
I work in a library. I whisper. I read about whales. / Why do you whisper? | I work in a library. | What do you read? | A book about whales. | Have you seen one? | Only in books so far.
I sell flowers. My favourite is the tulip. I sneeze in spring. / Which flower is the best? | The tulip, it is my favourite. | Is that your job? | Yes, I sell flowers at the market. | Bless you! | Thank you, I sneeze every spring.
I fly planes. I have seen four oceans. I miss my bed. / Where are you now? | Above the clouds, I fly planes. | How far have you been? | I have seen four oceans. | What do you miss? | I miss my own bed.
I train horses. I wear red boots. I was born in May. / Nice boots! | Thank you, I wear red ones. | What do you do? | I train horses. | When is your birthday? | It is in May.
I mend roofs. I like heights. My wife paints. / Is it dangerous up there? | I like heights. | What are you doing? | I mend roofs before the storm. | Is your wife worried? | She paints me from below.
I plant trees. I count birds. I walk a lot. / What did you do today? | I planted ten trees. | And then? | I counted birds in them. | Are you not tired? | I walk a lot, it keeps me well.
I am a nurse. I work at night. I have a son. / Are you at work? | Yes, I work at night. | In a factory? | No, I am a nurse. | Who is at home? | My son, he sleeps.
I make cheese. I live in the mountains. I play chess. / Is it cold up there? | It is, I live in the mountains. | What do you eat? | The cheese that I make. | And in the evening? | I play chess with my neighbour.
I dance. I have a bad knee. I teach children now. / Do you still dance? | A little, I have a bad knee. | What do you do now? | I teach children to dance. | Are they good? | They are loud and happy.
I run a small shop. I sell only lamps. I fear the dark. / What do you sell? | I sell only lamps. | Why lamps? | I fear the dark. | Is it a big shop? | No, a small one with much light.
I speak five languages. I travel by train. I forget names. / What is my name? | I am sorry, I forget names. | How many languages do you speak? | I speak five. | How do you travel? | By train, always by train.
I keep bees. I love honey. I have no sugar at home. / What is that sound? | My bees, I keep them behind the house. | Do you like honey? | I love it. | Can I have sugar for my tea? | I have no sugar at home, take honey.
I draw maps. I have a boat. I like rain. / What do you draw? | I draw maps of the coast. | How do you see the coast? | From my boat. | It rains today. | Good, I like rain.
I sing in a choir. I am very tall. I have a small car. / Where do you stand in the choir? | At the back, I am very tall. | Do you drive there? | Yes, in a small car. | Do you fit in? | With my knees at my ears.
I make toys. I have a beard. I live in the north. / Are you the man with the beard? | I am, and I make toys. | Where do you live? | In the north, near the snow. | Do you like children? | I make toys for all of them.
I clean windows. I see many rooms. I love plants. / What do you see? | Many rooms, I clean windows. | Which rooms do you like? | Those with plants. | Why? | I love plants.
I guard a museum. I know one painting well. I stand all day. / Do your feet hurt? | Yes, I stand all day. | Where? | I guard a museum. | Which painting is the best? | The one I look at, I know it well.
"""
HELD_OUT = 6
CANDIDATES = 5

draw = random.Random(7)
parsed = []
for line in DIALOGUES.strip().splitlines():
    persona, turns = line.split(" / ")
    sentences = [s.strip() + "." for s in persona.rstrip(".").split(". ")]
    parsed.append((sentences, turns.split(" | ")))


def part(dialogues):
    out = []
    for persona, turns in dialogues:
        others = [t for p, ts in dialogues if p != persona for t in ts[1::2]]
        out.append({"personality": persona, "utterances": [
            {"candidates": draw.sample(others, CANDIDATES - 1) + [turns[i]], "history": turns[:i]}
            for i in range(1, len(turns), 2)]})
    return out


with open("train/src/main/resources/org/jformers/data/small-talk.json", "w") as file:
    json.dump({"train": part(parsed[:-HELD_OUT]), "valid": part(parsed[-HELD_OUT:])}, file, indent=1)
    file.write("\n")

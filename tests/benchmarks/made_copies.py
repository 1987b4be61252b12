"""Copies of articles as outlets print them, and articles that only look like copies.

A copy is cut, has another title and a line of its own before it, its paragraphs in another order,
words changed, or several of these. What only looks like one: a follow-up that repeats the
background, the same report with a newer figure, and reports put into one frame.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

_SENTENCE = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])")
# What a desk changes: other words for the same, in both directions.
_WORDS = """said/stated told/informed reported/disclosed big/large huge/enormous start/begin
started/began stopped/ceased people/residents about/around near/close last/previous
also/additionally many/numerous show/indicate shows/indicates showed/indicated
help/assist helped/assisted get/obtain buy/purchase bought/purchased but/however
because/since while/whereas after/following before/prior children/kids police/officers
asked/requested called/urged need/require needs/requires use/employ used/employed
made/produced make/produce part/portion important/significant hard/difficult area/region
found/discovered find/discover killed/slain hurt/injured fast/quickly often/frequently
now/currently set/due rise/increase rose/increased fell/dropped fall/drop plan/scheme
plans/schemes work/labour job/post told/advised keep/retain kept/retained think/believe
thinks/believes thought/believed money/funds country/nation countries/nations
company/firm companies/firms man/male woman/female car/vehicle cars/vehicles house/home
home/residence few/several whole/entire likely/probable may/might could/might would/will
should/must against/versus between/among during/throughout under/below over/above
into/to every/each very/highly only/merely""".split()
_OTHER = {a: b for pair in _WORDS for a, b in [tuple(pair.split("/"))[:2]]}
_SIGNS = {"per cent": "%", " percent": "%", "“": '"', "”": '"', "’": "'", "—": "-", "–": "-"}
_DATELINES = ("(AGENCY) — ", "KELBY, Monday (Wire): ", "By our staff\n\n", "Updated at noon. ", "")
_ENDINGS = ("\n\nThis story was written by an agency.", "\n\nReporting by the desk.", "")

Change = Callable[[str, random.Random], str]


@dataclass(frozen=True, slots=True)
class Made:
    """An article of which it is known which others are copies of it: those with its `story`."""

    story: str
    kind: str
    title: str
    text: str


Pair = Callable[[str, str, random.Random], tuple[Made, Made] | None]


def sentences(text: str) -> list[str]:
    """The sentences of a text, roughly."""
    return [s for paragraph in text.split("\n") for s in _SENTENCE.split(paragraph) if s.strip()]


def cut(text: str, chance: random.Random) -> str:
    """The beginning of a text, 35 to 90 % of it, to the end of a sentence."""
    all_ = sentences(text)
    most, kept, size = chance.uniform(0.35, 0.9) * len(text), list[str](), 0
    for sentence in all_:
        if kept and size + len(sentence) > most:
            break
        kept.append(sentence)
        size += len(sentence)
    return "\n\n".join(" ".join(kept[n : n + 3]) for n in range(0, len(kept), 3))


def retitled(text: str, chance: random.Random) -> str:
    """With a line of its own before and behind; the title is another in any case."""
    return chance.choice(_DATELINES) + text + chance.choice(_ENDINGS)


def reordered(text: str, chance: random.Random) -> str:
    """The paragraphs in another order, or three sentences each where there are no paragraphs."""
    parts = [part for part in text.split("\n") if part.strip()]
    if len(parts) < 3:
        all_ = sentences(text)
        parts = [" ".join(all_[n : n + 3]) for n in range(0, len(all_), 3)]
    if chance.random() < 0.5:  # the beginning stays, as it mostly does
        rest = parts[1:]
        chance.shuffle(rest)
        return "\n\n".join([parts[0], *rest])
    chance.shuffle(parts)
    return "\n\n".join(parts)


def edited(text: str, chance: random.Random) -> str:
    """Words changed, signs in another style, and a sentence of twenty left out."""
    for sign, other in _SIGNS.items():
        if chance.random() < 0.5:
            text = text.replace(sign, other)
    kept = []
    for paragraph in text.split("\n"):
        inner = [s for s in _SENTENCE.split(paragraph) if chance.random() > 0.05]
        kept.append(" ".join(_reworded(sentence, chance) for sentence in inner))
    return "\n".join(kept) if any(part.strip() for part in kept) else text


def _reworded(sentence: str, chance: random.Random) -> str:
    words = sentence.split(" ")
    for place, word in enumerate(words):
        if word in _OTHER and chance.random() < 0.8:
            words[place] = _OTHER[word]
        elif word.islower() and chance.random() < 0.03:
            words[place] = ""
    return " ".join(filter(None, words))


def _both(first: Change, second: Change, text: str, chance: random.Random) -> str:
    return second(first(text, chance), chance)


CHANGES: dict[str, Change] = {
    "cut": cut,
    "retitled": retitled,
    "reordered": reordered,
    "edited": edited,
    "cut and edited": partial(_both, cut, edited),
    "reordered and edited": partial(_both, reordered, edited),
    "retitled and cut": partial(_both, cut, retitled),
}


def copies(story: str, text: str, count: int, chance: random.Random) -> Iterator[Made]:
    """Some copies of a text, each changed in one of the ways of `CHANGES`."""
    for number in range(count):
        kind = chance.choice(list(CHANGES))
        yield Made(story, kind, f"Other headline {number}", CHANGES[kind](text, chance))


def follow_up(story: str, text: str, chance: random.Random) -> tuple[Made, Made] | None:
    """Two reports on one event: 30 to 60 % of each is the same background.

    None of a text of less than 16 sentences.
    """
    all_ = sentences(text)
    if len(all_) < 16:
        return None
    share = chance.uniform(0.3, 0.6)
    background = set(chance.sample(range(len(all_)), round(share * len(all_) / (2 - share))))
    new = [n for n in range(len(all_)) if n not in background]
    first, second = new[: len(new) // 2], new[len(new) // 2 :]
    shared = [all_[n] for n in sorted(background)]
    return (
        Made(f"{story}/1", "follow-up", "First", " ".join([*(all_[n] for n in first), *shared])),
        Made(f"{story}/2", "follow-up", "Second", " ".join([*(all_[n] for n in second), *shared])),
    )


def grown(story: str, text: str, chance: random.Random) -> tuple[Made, Made] | None:
    """A report, and the next, which has news first and then all of the one before.

    The news is 30 to 60 % of the next. None of a text of less than 16 sentences.
    """
    all_ = sentences(text)
    if len(all_) < 16:
        return None
    news = round(chance.uniform(0.3, 0.6) * len(all_))
    return (
        Made(f"{story}/1", "grown", "First", " ".join(all_[news:])),
        Made(f"{story}/2", "grown", "Second", " ".join(all_)),
    )


def newer(story: str, text: str, chance: random.Random) -> Made | None:
    """The same report with newer figures at its beginning; None where it has no figure there."""
    all_ = sentences(text)
    if not all_ or not re.search(r"\d", all_[0]):
        return None
    lead = re.sub(r"\d+", lambda found: str(int(found[0]) + chance.randint(1, 9)), all_[0])
    return Made(f"{story}/newer", "newer figures", "Newer", " ".join([lead, *all_[1:]]))


# Frames: what is the same each time. In {} stand figures, names and small variants.
_TOWNS = """Kelby Marrow Aldport Brisk Tarn Ostrova Vell Hadley Quarr Denholm Sorby Wexcombe Pell
Lunden Norby Estwick Garrow Tolling Farne Ribble""".split()
_NAMES = """Anders Bello Castro Dvorak Eklund Ferrer Grant Horvat Ivanov Jonas Kovac Lind Moreau
Novak Okafor Petrov Quinn Rossi Sato Tanaka Ulrich Vega Weber Yilmaz Zhang""".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SKIES = "cloudy sunny overcast rainy foggy windy changeable stormy".split()
_FRAMES = [
    "The weather in {town} on {day} will be {sky}, with a high of {n} degrees and a low of "
    "{n}. Wind from the west will reach {n} kilometres an hour. The chance of rain is {n} per "
    "cent. The sun rises at 6.{m} and sets at 20.{m}. The next forecast follows this evening.",
    "Shares in {town} closed {up} on {day}. The main index ended at {k} points, {up} {n} "
    "points or 0.{m} per cent. Among the winners was {name} Industries, which gained {n} per "
    "cent; {name} Bank lost {n} per cent. Oil cost {n} dollars a barrel, and an ounce of gold "
    "{k} dollars. Traders said that turnover was in line with that of recent weeks.",
    "{town} beat {town} {d}-{d} on {day} in the first division before {k} spectators. {name} "
    "scored in the {n}th minute and {name} in the {n}th. The coach said that his side had "
    "deserved the win, and that they would look from match to match. The next match is on "
    "{day} against {town}.",
    "An earthquake of magnitude {d}.{d} struck {n} kilometres north of {town} at {m} minutes "
    "past four on {day}, the geological survey said. It lay {n} kilometres deep. There were "
    "no immediate reports of damage, and no tsunami warning was issued. The survey may revise "
    "the magnitude and the depth as further readings come in.",
    "The winning numbers in the draw of {day} are {n}, {n}, {n}, {n} and {n}, with the extra "
    "number {d}. Nobody matched all of them, so that the jackpot grows to {k} thousand. "
    "Tickets for the next draw are on sale until seven in the evening. Players must be "
    "adults. Please play responsibly.",
    "{name} {name}, {n}, of {town} appeared before the court of {town} on {day}, charged with "
    "theft of goods worth {k}. The defendant spoke only to confirm name, age and address. The "
    "case was adjourned until the {d}th, and bail was granted on the usual conditions. No "
    "plea was entered.",
    "The road between {town} and {town} is closed for works from {day} to {day}, the council "
    "said. Drivers are asked to use the detour by way of {town}, which takes about {n} "
    "minutes more. Buses {n} and {n} do not stop at the station. The council apologises for "
    "any inconvenience, and thanks residents for their patience while the surface is renewed.",
    "{name} Group reported a net profit of {k} million for the quarter, {up} {n} per cent "
    "from a year before. Revenue was {k} million. Analysts had expected earnings of {d} a "
    "share. The chief executive, {name}, said that the company confirmed its outlook for the "
    "year. The shares were {up} {d} per cent in early trading. The dividend remains at {d}.",
    "Water levels on {day}: at {town} {k} centimetres, {up} {n} since yesterday; at {town} "
    "{k} centimetres, {up} {n}. The levels are measured at five in the morning. Shipping is "
    "not restricted. The next levels are published tomorrow at the same time on this page and "
    "on the telephone service.",
    "The health ministry reported {k} new infections on {day}, after {k} the day before. In "
    "hospitals {n} patients are treated, {d} of them in intensive care. {n} people died, "
    "which brings the total to {k}. The incidence over seven days stands at {n}. The ministry "
    "again called on people to be vaccinated and to wear a mask indoors.",
    "Polling stations in {town} closed at six on {day}. With {n} per cent of the votes "
    "counted, {name} leads with {n} per cent before {name} with {n}. Turnout was {n} per "
    "cent. The electoral commission said that the vote had been calm. Final results are "
    "expected within two days, and complaints may be lodged until the end of the week.",
    "Fire broke out in a house in {town} on {day}. {n} firefighters were at the scene for {d} "
    "hours. {d} people were taken to hospital with smoke poisoning. The damage is put at {k} "
    "thousand. The police are looking into the cause, and ask witnesses to come forward.",
]


def framed(count: int, chance: random.Random) -> Iterator[Made]:
    """Reports put into the same few frames, with other figures, names and days."""
    for number in range(count):
        frame = _FRAMES[number % len(_FRAMES)]
        text = re.sub(r"\{(\w+)\}", lambda found: _filled(found[1], chance), frame)
        yield Made(f"framed/{number}", "framed", "Report", text)


def _filled(slot: str, chance: random.Random) -> str:
    numbers = {"d": (1, 9), "n": (2, 98), "m": (10, 59), "k": (1_000, 9_999)}
    if slot in numbers:
        return str(chance.randint(*numbers[slot]))
    named = {"town": _TOWNS, "name": _NAMES, "day": _DAYS, "sky": _SKIES, "up": ["up", "down"]}
    return chance.choice(named[slot])

"""Makes news passages with two figures, teams or people of a kind in each, and asks for both.

The frames stand in `news_frames.txt`. A frame is a block of lines:

    == name           what it is about
    = slot rule       a value: `pick a|b`, `num low high step`, `part slot low high` (a share
                      of another number), `decpart slot low high`, `more slot low high`,
                      `dec low high`, `word low high`, `year low high`, `after slot low high`
    T title / title   headlines
    a text / text     a fact, by its letter, in several phrasings
    - text / text     a sentence that no question asks about
    ? a kind {slot}: question / question     answered by fact `a`, by that span (`-`: no span)
    ! question / question                    what the passage does not answer

A slot whose name is a kind of name and a digit (`town1`, `person2`) needs no rule.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

KINDS = frozenset(
    "plain two_figures superlative latest define yesno negation opposite headline quote why how"
    " when how_many repeated caption unanswerable".split()
)
_FRAMES = Path(__file__).parent / "news_frames.txt"
_AMBIENT = "ambient"  # the frame whose fillers may stand in any passage
_SLOT = re.compile(r"\{(\w+)\}")
_ASKED = re.compile(r"\? (\w+) (\w+) (.+?): (.+)")

# Fewer than half the questions that people type end in a question mark.
_BARE, _LOWER, _TYPO = 0.55, 0.45, 0.03
_LEAD_FIRST, _DATELINE, _HEADLINE, _AMBIENT_SHARE, _REPEATED = 0.5, 0.2, 0.1, 0.45, 0.12
_DIGEST = 0.25
_UNANSWERED, _CUT = 0.5, 0.35  # a row of each, for a passage with two answerable ones

_FIRST = (
    "Ada Adil Agnes Aino Alba Alan Amara Anders Anja Anouk Arturo Asha Bea Ben Bilal Bruno Carla"
    " Cas Celia Chidi Clara Connor Dana Daniel Daria Deniz Dora Edda Eli Elena Emeka Emil Enzo Esme"
    " Eva Farah Felix Femi Fiona Frida Gabor Gemma Georg Gita Greta Hana Harriet Hassan Helga Hugo"
    " Ida Ilse Imran Ines Ivo Jana Jarek Joao Jonas Julia Kai Karim Katya Kemal Kofi Lars Layla"
    " Leon Lidia Lina Lucas Mads Maya Mara Marco Marta Mei Milan Mina Nadia Nils Nina Noor Nora Ola"
    " Olga Omar Oskar Paula Pavel Petra Pia Priya Quinn Rafa Rania Ravi Rosa Ruben Ruth Sana Samir"
    " Selma Sipho Sofia Stefan Sven Tadeo Tamar Tariq Tess Thabo Tilda Uma Vera Vikram Wanda Xenia"
    " Yara Yusuf Zane Zofia"
).split()
_SUR_A = (
    "Abar Al Ande Bal Bar Bel Ber Bor Bran Cal Cas Cor Dal Dar Del Dom Dor Eber El Er Fal Fen Fer"
    " Gal Gar Gor Hal Har Hel Hol Ig Jan Jer Kal Kar Kel Kor Lam Lan Lem Lor Mal Mar Mel Mor Nad"
    " Nar Nor Ol Or Pal Par Pel Quin Ram Ros Sal San Sel Sor Tal Tar Tel Tor Ul Val Var Vel Vor Wal"
    " Wen Yar Zal Zel"
).split()
_SUR_B = (
    "ado aki amo ansen anto ari aschek berg bury by cott dahl dini dock dova eda eira ello enko"
    " escu esi etti fort gaard gan godo grave holt ida iev ik ina ini inski iri itz lund man maya"
    " mont ner oba oja oli ordo oshi oto quist rath rell rick sand sen sky son ster strom thwaite"
    " tov trop uda ula vane vik wick wold yama zano"
).split()
_TOWN_A = (
    "Alder Ash Barn Beck Birch Black Bram Brook Carr Clay Cold Crane Dale Deep Dun East Elm Fair"
    " Fern Fox Glen Gold Gran Hart Haver Haw High Holm Iron Kes Kings Lake Lang Lin Lock Long Mar"
    " Mill Moor Nether New North Oak Otter Pen Port Quar Raven Red Rock Sal Sand Sel Sil South"
    " Spring Stan Stone Strat Sun Swan Thorn Tor Upper Vel Wal West White Wind Winter Wood"
).split()
_TOWN_B = (
    "acre bank bay beck borough bridge brook burn by church cliff combe cote dale den don field"
    " fold ford gate grove ham haven head hill hurst ingham land leigh ley marsh mere minster mont"
    " mouth ness over pool port ridge shaw side stead stoke thorpe ton vale view ville water well"
    " wich wood worth"
).split()
_COUNTRY = (
    "Albania Angola Argentina Armenia Austria Bolivia Botswana Brazil Canada Chad Colombia Cyprus"
    " Denmark Ecuador Egypt Estonia Ethiopia Finland France Georgia Germany Ghana Greece Guatemala"
    " India Indonesia Ireland Italy Japan Jordan Kazakhstan Kenya Laos Latvia Lebanon Lithuania"
    " Madagascar Malaysia Malta Mexico Moldova Mongolia Morocco Namibia Nepal Nigeria Norway Oman"
    " Pakistan Panama Paraguay Peru Romania Rwanda Senegal Serbia Slovenia Spain Sweden Tanzania"
    " Thailand Turkey Uganda Uruguay Vietnam Zambia"
).split()
_FIRM_A = (
    "Acor Altus Ambra Ardent Arvo Axel Bel Brava Calyx Candor Cindra Corvo Delph Dyna Elara Enso"
    " Fidra Galen Halcy Hexa Indra Juno Kesto Korin Lumo Lyra Maris Nexo Nimbo Norda Octa Orvia Pax"
    " Pella Quanta Rivo Runa Sabre Sola Stella Tavo Tera Trivo Umbra Vanta Verda Vido Xylo Zenta"
).split()
_FIRM_B = (
    "Foods|Energy|Logistics|Steel|Motors|Bank|Media|Pharma|Retail|Airlines|Chemicals|Systems|Telecom"
    "|Shipping|Insurance|Textiles|Mining|Homes|Semiconductors|Rail|Dairy|Robotics|Paper|Glass"
).split("|")
_NICK = (
    "United|City|Rovers|Athletic|Wanderers|Rangers|Hawks|Bears|Lions|Falcons|Town|Albion|Sharks"
    "|Harriers|Comets|Stags"
).split("|")
_BODY_A = "National|Federal|Royal|Central|State|Regional|Independent|Joint".split("|")
_BODY_B = (
    "Statistics Office|Audit Board|Health Institute|Energy Agency|Weather Service|Farming Council"
    "|Transport Authority|Housing Board|Safety Commission|Consumer Council|Research Centre"
).split("|")
_PARTY_A = "Civic|People's|New|Democratic|Liberal|Green|Workers'|National|Reform|Centre".split("|")
_PARTY_B = "Alliance|Party|Union|Movement|List|Front|League|Bloc".split("|")
_TRADE = (
    "Teachers|Dockers|Drivers|Miners|Pilots|Nurses|Printers|Cleaners|Bakers|Seafarers|Builders"
    "|Postal Workers|Railway Staff|Farm Hands|Bank Clerks"
).split("|")
_PAPER_A = "Daily|Evening|Morning|Sunday|Weekly|New".split("|")
_PAPER_B = "Herald|Courier|Post|Record|Chronicle|Tribune|Echo|Observer|Dispatch|Argus".split("|")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_CURRENCIES = "euros|dollars|pounds|francs|crowns|pesos|rupees|rand".split("|")
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
).split()

Row = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Questions on one thing, with the letters of the facts that answer them, best first."""

    facts: str
    kind: str
    answer: str | None
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Frame:
    """A shape of passage: facts and fillers in several phrasings, and questions."""

    name: str
    rules: dict[str, str] = field(default_factory=dict)
    titles: list[str] = field(default_factory=list)
    facts: dict[str, list[str]] = field(default_factory=dict)
    fillers: list[list[str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    unanswerable: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Story:
    """A frame with its slots filled: the facts' sentences by letter, and all sentences in order."""

    title: str
    facts: dict[str, str]
    sentences: tuple[str, ...]
    values: dict[str, str]

    @property
    def text(self) -> str:
        """The passage."""
        return " ".join(self.sentences)


def generate(count: int, seed: int) -> Iterator[Row]:
    """Make rows of questions on made-up news passages, the same for the same seed.

    Args:
        count: How many rows.
        seed: Of the random choices.

    Returns:
        Rows with `title`, `text`, `question`, `sentences` (those that answer, best first, verbatim
        in the text; none where nothing does), `answer` (the shortest span, or None) and `kind`.

    >>> row = next(generate(1, seed=3))
    >>> sorted(row)
    ['answer', 'kind', 'question', 'sentences', 'text', 'title']
    >>> all(sentence in row["text"] for sentence in row["sentences"])
    True
    """
    rng = random.Random(seed)
    news = [frame for name, frame in frames().items() if name != _AMBIENT]
    endless = iter(lambda: rows(rng.choice(news), rng), None)
    return islice(chain.from_iterable(endless), count)


@cache
def frames() -> dict[str, Frame]:
    """The frames by name, read from `news_frames.txt`."""
    blocks = re.split(r"^== ", _FRAMES.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return {frame.name: frame for frame in map(_frame, blocks)}


def _frame(block: str) -> Frame:
    name, *lines = block.strip().splitlines()
    frame = Frame(name.strip())
    for line in filter(str.strip, lines):
        _read(line, frame)
    return frame


def _read(line: str, frame: Frame) -> None:
    mark, rest = line[0], line[2:].strip()
    match mark:
        case "=":
            slot, rule = rest.split(" ", 1)
            frame.rules[slot] = rule
        case "T":
            frame.titles.extend(rest.split(" / "))
        case "-":
            frame.fillers.append(rest.split(" / "))
        case "!":
            frame.unanswerable.extend(rest.split(" / "))
        case "?":
            frame.asked.append(_questions(line))
        case _:
            frame.facts[mark] = rest.split(" / ")


def _questions(line: str) -> Asked:
    match = _ASKED.fullmatch(line)
    if match is None or match[2] not in KINDS:
        raise ValueError(f"not a line of questions: {line!r}")
    answer = None if match[3] == "-" else match[3]
    return Asked(match[1], match[2], answer, tuple(match[4].split(" / ")))


def rows(frame: Frame, rng: random.Random) -> Iterator[Row]:
    """Tell one story of a frame and ask about it: two questions that it answers, and often others.

    Questions come in pairs on one passage, so that where a sentence stands tells nothing.
    """
    story = _told(frame, rng)
    for asked in rng.sample(frame.asked, min(2, len(frame.asked))):
        yield from _answered(story, asked, rng)
    if frame.unanswerable and rng.random() < _UNANSWERED:
        question = _filled(rng.choice(frame.unanswerable), story.values)
        yield _row(story, _typed(question, rng), (), None, "unanswerable")
    if rng.random() < _CUT:
        yield from _cut(story, rng.choice(frame.asked), rng)


def _row(
    story: Story, question: str, sentences: tuple[str, ...], answer: str | None, kind: str
) -> Row:
    return {
        "title": story.title,
        "text": story.text,
        "question": question,
        "sentences": list(sentences),
        "answer": answer,
        "kind": kind,
    }


def _answered(story: Story, asked: Asked, rng: random.Random) -> Iterator[Row]:
    """The row of a question, unless the phrasing at hand lacks its answer."""
    question = _filled(rng.choice(asked.questions), story.values)
    answer = asked.answer and _filled(asked.answer, story.values)
    sentences = tuple(story.facts[letter] for letter in asked.facts)
    if answer is not None:
        sentences = tuple(text for text in sentences if answer in text)
    if not sentences:
        return
    kind, story = _repeated(story, question, asked.kind, rng)
    if answer is not None and answer in story.title:
        sentences += tuple(text for text in story.sentences if text == f"{story.title}.")
    yield _row(story, _typed(question, rng), sentences, answer, kind)


def _repeated(story: Story, question: str, kind: str, rng: random.Random) -> tuple[str, Story]:
    """Now and then, the passage asks the question itself."""
    if rng.random() > _REPEATED or not re.match(r"(who|wh|how|did|is|was)", question, re.I):
        return kind, story
    asks = f"{_capital(question).rstrip('?')}?"
    place = rng.randrange(len(story.sentences))
    sentences = (*story.sentences[:place], asks, *story.sentences[place:])
    return "repeated", Story(story.title, story.facts, sentences, story.values)


def _cut(story: Story, asked: Asked, rng: random.Random) -> Iterator[Row]:
    """An unanswerable question: the passage without the sentences that answer, if none is left."""
    if asked.answer is None:
        return
    answer = _filled(asked.answer, story.values)
    gone = {story.facts[letter] for letter in asked.facts}
    left = tuple(text for text in story.sentences if text not in gone)
    if len(left) < 2 or any(answer in text for text in (story.title, *left)):
        return
    question = _filled(rng.choice(asked.questions), story.values)
    rest = Story(story.title, {}, left, story.values)
    yield _row(rest, _typed(question, rng), (), None, "unanswerable")


def _told(frame: Frame, rng: random.Random, *, digest: bool = True) -> Story:
    """Fill a frame's slots, choose phrasings and put the sentences in an order."""
    ambient = frames()[_AMBIENT].fillers
    chosen = {letter: rng.choice(texts) for letter, texts in frame.facts.items()}
    more = rng.sample(frame.fillers, rng.randint(0, len(frame.fillers)))
    others = [rng.choice(texts) for texts in more]
    if rng.random() < _AMBIENT_SHARE:
        others.append(rng.choice(rng.choice(ambient)))
    if digest and rng.random() < _DIGEST:
        others.extend(_elsewhere(frame, rng))
    title = rng.choice(frame.titles)
    values = _values(frame, " ".join([title, *chosen.values(), *others, *_all_asked(frame)]), rng)
    title = _capital(_filled(title, values))
    facts = {letter: _capital(_filled(text, values)) for letter, text in chosen.items()}
    sentences = _ordered(facts, [_capital(_filled(text, values)) for text in others], rng)
    if rng.random() < _HEADLINE:
        sentences.insert(0, f"{title}.")
    elif rng.random() < _DATELINE:
        lead = f"{values['town9'].upper()} ({values['paper9']}) – {sentences[0]}"
        facts = {key: lead if text == sentences[0] else text for key, text in facts.items()}
        sentences[0] = lead
    return Story(title, facts, tuple(sentences), values)


def _elsewhere(frame: Frame, rng: random.Random) -> list[str]:
    """Sentences of another story, as a digest of the day has them beside this one."""
    other = rng.choice([each for each in frames().values() if each.facts and each != frame])
    facts = list(_told(other, rng, digest=False).facts.values())
    return rng.sample(facts, 2)


def _all_asked(frame: Frame) -> list[str]:
    questions = [text for asked in frame.asked for text in (*asked.questions, asked.answer or "")]
    return [*questions, *frame.unanswerable, "{town9} {paper9}"]


def _ordered(facts: dict[str, str], others: list[str], rng: random.Random) -> list[str]:
    """The sentences, half the time with the first fact first as a newspaper has it."""
    sentences = [*facts.values(), *others]
    lead = sentences[0]
    rng.shuffle(sentences)
    if rng.random() < _LEAD_FIRST:
        sentences.remove(lead)
        sentences.insert(0, lead)
    return sentences


def _filled(text: str, values: dict[str, str]) -> str:
    return _SLOT.sub(lambda match: values[match[1]], text)


def _capital(text: str) -> str:
    """A text with its first letter in upper case, behind a quotation mark too."""
    start = len(text) - len(text.lstrip('"'))
    return text[:start] + text[start : start + 1].upper() + text[start + 1 :]


def _typed(question: str, rng: random.Random) -> str:
    """A question as people type it: often without its mark or capitals, rarely with a slip."""
    question = _capital(question).rstrip("?")
    if rng.random() < _LOWER:
        question = question.lower()
    if rng.random() < _TYPO:
        question = _slip(question, rng)
    return question if rng.random() < _BARE else f"{question}?"


def _slip(question: str, rng: random.Random) -> str:
    """Exchange two neighbouring letters of a long word."""
    long = list(re.finditer(r"[a-z]{6,}", question))
    if not long:
        return question
    at = rng.choice(long).start() + 2
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def _values(frame: Frame, texts: str, rng: random.Random) -> dict[str, str]:
    """A value for each slot of the frame and of its texts, no two the same."""
    numbers: dict[str, float] = {}
    values: dict[str, str] = {}
    for slot, rule in frame.rules.items():
        values[slot] = _other(partial(_value, rule, slot, numbers, rng), values)
    for slot in dict.fromkeys(_SLOT.findall(texts)):
        if slot not in values and not slot.startswith("last"):
            values[slot] = _other(partial(_name, slot, rng), values)
    for slot in dict.fromkeys(_SLOT.findall(texts)):
        if slot.startswith("last"):
            whole = values.setdefault(slot.replace("last", "person"), _name("person", rng))
            values[slot] = whole.split()[-1]
    return values


def _other(make: Callable[[], str], values: dict[str, str]) -> str:
    """A value that no other slot has, if a few attempts give one."""
    for _ in range(20):
        value = make()
        if value not in values.values():
            break
    return value


def _value(rule: str, slot: str, numbers: dict[str, float], rng: random.Random) -> str:
    """A value by a frame's rule; numbers are kept for the slots that depend on them."""
    name, *words = rule.split(" ")
    if name == "pick":
        return rng.choice(" ".join(words).split("|"))
    number = _number(name, words, numbers, rng)
    numbers[slot] = number
    if name in {"year", "after"}:
        return str(int(number))
    if name == "word":
        return _WORDS[int(number)]
    return f"{number:.1f}" if name.startswith("dec") else f"{int(number):,}"


def _number(name: str, words: list[str], numbers: dict[str, float], rng: random.Random) -> float:
    match name:
        case "num":
            low, high, step = map(int, words)
            return rng.randint(low // step, high // step) * step
        case "dec":
            return round(rng.uniform(*map(float, words)), 1)
        case "word" | "year":
            return rng.randint(*map(int, words))
        case "after":
            return numbers[words[0]] + rng.randint(*map(int, words[1:]))
    whole = numbers[words[0]]
    share = whole * rng.uniform(*map(float, words[1:]))
    return round(share, 1) if name == "decpart" else max(1, _like(share, whole))


def _like(share: float, whole: float) -> int:
    """A number about as round as the one that it is a share of."""
    step = next(step for step in (100_000, 10_000, 1_000, 100, 10, 1) if whole % step == 0)
    return round(share / step) * step or round(share)


def _name(slot: str, rng: random.Random) -> str:
    """A made-up name of the kind that a slot's name says."""
    kind = slot.rstrip("0123456789")
    if kind not in _NAMES:
        raise ValueError(f"slot without a rule: {slot!r}")
    return _NAMES[kind](rng)


def _person(rng: random.Random) -> str:
    return f"{rng.choice(_FIRST)} {rng.choice(_SUR_A)}{rng.choice(_SUR_B)}"


def _town(rng: random.Random) -> str:
    return f"{rng.choice(_TOWN_A)}{rng.choice(_TOWN_B)}"


_NAMES: dict[str, Callable[[random.Random], str]] = {
    "person": _person,
    "town": _town,
    "country": lambda rng: rng.choice(_COUNTRY),
    "firm": lambda rng: f"{rng.choice(_FIRM_A)} {rng.choice(_FIRM_B)}",
    "team": lambda rng: rng.choice([_town(rng), f"{_town(rng)} {rng.choice(_NICK)}"]),
    "body": lambda rng: f"{rng.choice(_BODY_A)} {rng.choice(_BODY_B)}",
    "party": lambda rng: f"{rng.choice(_PARTY_A)} {rng.choice(_PARTY_B)}",
    "union": lambda rng: f"Union of {rng.choice(_TRADE)}",
    "river": lambda rng: f"River {rng.choice(_SUR_A)}{rng.choice(('e', 'en', 'ow', 'a', 'ish'))}",
    "region": lambda rng: f"{rng.choice(_TOWN_A)}{rng.choice(('shire', 'land', 'mark', 'moor'))}",
    "paper": lambda rng: f"{rng.choice(_PAPER_A)} {rng.choice(_PAPER_B)}",
    "day": lambda rng: rng.choice(_DAYS),
    "month": lambda rng: rng.choice(_MONTHS),
    "date": lambda rng: f"{rng.randint(1, 28)} {rng.choice(_MONTHS)}",
    "cur": lambda rng: rng.choice(_CURRENCIES),
}

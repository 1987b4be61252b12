"""The order in which training sees its pairs: sets by their shares, not by their sizes.

Most sets are never seen whole, so what is seen of each is chosen. Each set is shuffled once and
gone through again and again; the order depends on the seed alone, so that training can resume.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from .pairs import Pair

# Of a hundred pairs that answer. Questions as people type them and as crowd workers write them
# weigh most, news next; stories and plots least.
ANSWERING = {
    "squad1_train_part": 17.0,
    "squad2_train_part": 5.0,
    "qed_train": 12.0,
    "nq_oracle_dev": 5.0,
    "multispanqa_valid": 1.5,
    "hotpotqa_part": 2.0,
    "fairytaleqa": 3.0,
    "quoref_part": 2.0,
    "mrqa_dev_drop": 2.5,
    "mrqa_dev_duorc": 1.0,
    "timeqa_human_train": 2.0,
    "boolq_train": 4.0,
    "selqa_dev": 2.0,
    "selqa_test": 4.0,
    "qed_train_sentences": 4.0,
    "qamr_wikinews": 6.0,
    "qamr_wikipedia": 3.0,
    "qadiscourse_wikinews": 4.0,
    "qadiscourse_wikipedia": 1.0,
    "news": 28.0,
    "template": 9.0,
}
# Of a hundred that do not.
SILENT = {
    "ranked": 44.0,
    "same text": 20.0,
    "exchanged": 12.0,
    "turned": 6.0,
    "hotpotqa_part": 2.0,
    "squad2_train_part": 2.0,
    "news": 24.0,
    "template": 7.0,
}
_SHARE = 0.5  # of all pairs, answering


def group(pair: Pair) -> tuple[bool, str]:
    """The part of the mixture that a pair is drawn from."""
    if pair.answers:
        return True, pair.source
    name, _, kind = pair.source.partition(" ")
    if kind:
        return False, kind
    if name in ("news", "template") or (name == "squad2_train_part" and not pair.strings):
        return False, name
    return False, "hotpotqa_part" if name == "hotpotqa_part" else "same text"


def order(pairs: Sequence[Pair], seed: int) -> Iterator[int]:
    """Places in `pairs` without end, by the shares of their groups."""
    groups: dict[tuple[bool, str], list[int]] = defaultdict(list)
    for place, pair in enumerate(pairs):
        groups[group(pair)].append(place)
    streams = {key: _again(places, f"{seed} {key}") for key, places in groups.items()}
    chance = random.Random(seed)
    while True:
        answers = chance.random() < _SHARE
        shares = _present(ANSWERING if answers else SILENT, groups.keys(), answers)
        (name,) = chance.choices(list(shares), list(shares.values()))
        yield next(streams[answers, name])


def _present(
    shares: Mapping[str, float], keys: Collection[tuple[bool, str]], answers: bool
) -> dict[str, float]:
    return {name: share for name, share in shares.items() if (answers, name) in keys}


def _again(places: Sequence[int], seed: str) -> Iterator[int]:
    chance, left = random.Random(seed), list(places)
    while True:
        chance.shuffle(left)
        yield from left

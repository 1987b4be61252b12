"""Hashes tell which of a question's terms stand where, as the words themselves do."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.indexes.sentence_terms import Hashes, SentenceTerms, held

WORDS = st.text(max_size=6)  # lone surrogates too: articles may hold any
TERMS = st.lists(WORDS, unique=True, max_size=8)
PASSAGES = st.lists(st.lists(st.frozensets(WORDS, max_size=6), min_size=1, max_size=5), max_size=4)


def written(groups: list[frozenset[str]]) -> SentenceTerms:
    of_each = [Hashes().of(group) for group in groups]
    return SentenceTerms(
        np.array([own for group in of_each for own in group], dtype=np.uint32),
        np.array([len(group) for group in of_each], dtype=np.int32),
    )


@given(PASSAGES, TERMS)
def test_what_is_held_is_what_is_asked_for_and_stands_there(
    passages: list[list[frozenset[str]]], terms: list[str]
) -> None:
    found = held([written(groups) for groups in passages], terms)
    assert found == [[set(terms) & group for group in groups] for groups in passages]


def test_a_term_of_all_sentences_is_held_by_each() -> None:
    nine = written([frozenset({"nine"}), frozenset({"nine", "met"}), frozenset()])
    assert held([nine, nine], ["nine", "riga"]) == [[{"nine"}, {"nine"}, set()]] * 2


def test_hashes_are_those_that_were_written_before() -> None:
    """Or libraries of before would have to be built anew."""
    assert Hashes().of(["nine", "łódź", "nine"]) == [2065529981, 597996443]

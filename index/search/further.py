"""Several questions in one: the sentences that answer them, in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from newsdesk.index.types import Answer, Sentence, Shown


def joined(answer: Answer, parts: Sequence[Answer]) -> Answer:
    """The answer to a whole question, with the sentences that answer its parts.

    The whole question's sentence and verdict stay. A part's passage that is not shown takes the
    place of the last that holds no sentence. What part found no answer is said in the notes.
    """
    answered = [part for part in parts if part.sentence]
    if not answered:
        return answer
    if answer.sentence is None:
        kept = replace(answered[0], understood=answer.understood, collection=answer.collection)
        answer = replace(kept, question=answer.question)
    for part in answered:
        answer = _with(answer, part)
    missing = [f"Not found: {part.question}" for part in parts if not part.sentence]
    notes = (*answer.understood.notes, *missing)
    return replace(answer, understood=replace(answer.understood, notes=notes))


def _with(answer: Answer, part: Answer) -> Answer:
    """The answer with the sentence of one part more, unless it has it."""
    if part.sentence is None or any(_is_same(answer, own, part) for own in answer.sentences):
        return answer
    shown = part.passages[part.sentence.passage - 1]
    place = _place(answer, shown, part.sentence)
    passages = list(answer.passages)
    if place is None:
        used = {sentence.passage - 1 for sentence in answer.sentences}
        free = [i for i in range(len(passages)) if i not in used]
        place = free[-1] if free else len(passages)
        passages[place : place + 1] = [_numbered(shown, place + 1)]
    sentence = replace(part.sentence, passage=place + 1)
    return replace(answer, passages=tuple(passages), further=(*answer.further, sentence))


def _is_same(answer: Answer, own: Sentence, part: Answer) -> bool:
    other = part.sentence
    if other is None or (own.text, own.start, own.end) != (other.text, other.start, other.end):
        return False
    articles = (answer.passages[own.passage - 1], part.passages[other.passage - 1])
    return articles[0].citation.article.id == articles[1].citation.article.id


def _place(answer: Answer, shown: Shown, sentence: Sentence) -> int | None:
    """The place of the passage of an answer that holds a sentence."""
    for place, own in enumerate(answer.passages):
        passage = own.hit.passage
        holds = passage.start <= sentence.start and sentence.end <= passage.end
        if own.citation.article.id == shown.citation.article.id and (holds or sentence.in_title):
            return place
    return None


def _numbered(shown: Shown, number: int) -> Shown:
    return replace(
        shown,
        hit=replace(shown.hit, rank=number),
        citation=replace(shown.citation, number=number),
        also=tuple(replace(citation, number=number) for citation in shown.also),
    )

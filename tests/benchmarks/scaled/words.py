"""BM25 over the postings of a large library beside others over the same ones, in turns.

All get the same terms of the same passages: those that our analyzer makes. rank-bm25 gets our idf,
as does bm25s, whose columns are made of our postings: that its scores are the same is then only a
matter of its precision. tantivy has its own k1 and b, and so other scores.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from newsdesk.index.generation import Generation
from newsdesk.index.indexes.bm25 import PostingsBM25, best
from newsdesk.index.text.analyzer import Analyzer

from ..side_by_side import HEAD, Taken, show
from .bare import Bare

_TOP = 100  # as a question has it
_WARM = 5
_SLOW = 30  # questions to those that take seconds
_EQUAL = 1e-4  # of scores up to some hundred in single precision
_PIECE = 50_000  # passages of which dictionaries are made together

Ask = Callable[[Sequence[str]], Any]


def compared(
    home: Path, opened: Generation | Bare, questions: Sequence[str], peers: Sequence[str]
) -> dict[str, Any]:
    """Times of the best hundred, and of all scores, by each."""
    begun = time.perf_counter()
    ours = opened.lexical(1.5, 0.75)
    opening = time.perf_counter() - begun
    words = Analyzer()
    asked = [list(dict.fromkeys(words.query_terms(text).words)) for text in questions]
    asked = [[term for term in one if term in ours.vocabulary] for one in asked]
    asked = [one for one in asked if one]
    plain = _rank_bm25(opened, ours)
    contenders: dict[str, Ask] = {
        f"ours, the best {_TOP}": lambda terms: best(ours.get_scores(terms), _TOP),
        "ours, get_scores": ours.get_scores,
    }
    with tempfile.TemporaryDirectory(dir=home) as scratch:
        built = {}
        for name in peers:
            make = PEERS[name]
            begun = time.perf_counter()
            try:
                contenders[name] = make(opened, ours, Path(scratch), name.endswith("numba"))
            except ImportError as missing:
                print(f"{name}: {missing.name} is not installed, so it is left out")
                continue
            built[name] = time.perf_counter() - begun
        taken = {name: Taken() for name in contenders}
        slow, worst = Taken(), 0.0
        # Questions differ a hundredfold in what they take: each is compared with itself.
        both = range(_WARM, len(asked), max(1, (len(asked) - _WARM) // _SLOW))
        for number, terms in enumerate(asked):
            for name, contender in contenders.items():
                taken[name].time(partial(contender, terms))
            if number in both:
                scores = slow.time(partial(plain.get_scores, terms))
                worst = max(worst, float(np.abs(scores - ours.get_scores(terms)).max()))
                _same_top(ours, terms, scores)
    times = {
        name: median(
            plainly / one.wall[number] for number, plainly in zip(both, slow.wall, strict=True)
        )
        for name, one in taken.items()
    }
    taken = {name: one.warm(_WARM) for name, one in taken.items()}
    rows = [[*one.row(name), f"{times[name]:,.0f}"] for name, one in taken.items()]
    rows.append([*slow.row(f"rank-bm25, get_scores ({len(both)} of these)"), "1"])
    show([f"{opened.manifest.passages:,} passages", *HEAD, "times faster"], rows)
    postings = [sum(len(ours.posting(ours.vocabulary[t])[0]) for t in one) for one in asked]
    found: dict[str, Any] = {
        "ours ms": taken[f"ours, the best {_TOP}"].median,
        "ours processor ms": median(taken[f"ours, the best {_TOP}"].cpu),
        "rank-bm25 ms": slow.median,
        "times": times[f"ours, the best {_TOP}"],
        "times, get_scores": times["ours, get_scores"],
        "largest difference": worst,
        "opening s": opening,
        "terms asked": float(np.mean([len(one) for one in asked])),
        "postings asked": float(np.mean(postings)),
    }
    found |= {f"{name} ms": one.median for name, one in taken.items()}
    return found | {f"{name} build s": seconds for name, seconds in built.items()}


def _same_top(ours: PostingsBM25, terms: Sequence[str], scores: NDArray[np.float64]) -> None:
    """Raise unless the best by rank-bm25's scores are ours."""
    of_all = ours.get_scores(terms)
    found = best(of_all, _TOP)
    own = of_all[found]
    least = np.sort(scores)[-len(found)] if len(found) else 0.0
    if not np.allclose(scores[found], own, atol=_EQUAL) or (own < least - _EQUAL).any():
        raise SystemExit(f"other results for {terms}")


def _rank_bm25(opened: Generation | Bare, ours: PostingsBM25) -> BM25Okapi:
    """rank-bm25's index as it would be built of the passages' terms; they are not split again."""
    plain = BM25Okapi.__new__(BM25Okapi)
    plain.k1, plain.b, plain.epsilon = ours.k1, ours.b, 0.25
    plain.corpus_size, plain.avgdl = ours.corpus_size, ours.avgdl
    plain.doc_len = opened.column("lengths").tolist()
    plain.doc_freqs = [frequencies for _, frequencies in _passages(opened, ours)]
    plain.idf = dict(ours.idf.items())
    return plain


def _passages(
    opened: Generation | Bare, ours: PostingsBM25
) -> Iterator[tuple[int, dict[str, int]]]:
    """Each passage's terms and how often they come, from the postings."""
    docs, counts = opened.column("docs"), ours.counts(opened.column("pair"))
    names = list(ours.vocabulary)
    terms = np.repeat(np.arange(len(names), dtype=np.int32), np.diff(opened.column("starts")))
    order = np.argsort(docs, kind="stable")
    ends = np.cumsum(np.bincount(docs, minlength=ours.corpus_size))
    for start in range(0, ours.corpus_size, _PIECE):
        stop = min(start + _PIECE, ours.corpus_size)
        first = int(ends[start - 1]) if start else 0
        own = order[first : int(ends[stop - 1])]
        said = [names[number] for number in terms[own].tolist()]
        often = counts[own].tolist()
        at = 0
        for place in range(start, stop):
            end = int(ends[place]) - first
            yield place, dict(zip(said[at:end], often[at:end], strict=True))
            at = end


def _bm25s(opened: Generation | Bare, ours: PostingsBM25, scratch: Path, numba: bool) -> Ask:
    """bm25s over files that are memory-mapped, with the scores that our postings give."""
    import bm25s

    if numba:
        import numba as _  # noqa: F401  # it says by itself only that it is slower

    place = scratch / "bm25s"
    if not place.exists():
        docs = np.asarray(opened.column("docs"))
        scores = np.empty(len(docs), dtype=np.float32)
        starts = opened.column("starts")
        for number in range(len(starts) - 1):
            scores[int(starts[number]) : int(starts[number + 1])] = ours.gains(number)
        made = bm25s.BM25(k1=ours.k1, b=ours.b)
        made.scores = {
            "data": scores,
            "indices": docs,
            "indptr": np.asarray(starts),
            "num_docs": ours.corpus_size,
        }
        made.nonoccurrence_array = None
        made.vocab_dict = {term: number for number, term in enumerate(ours.vocabulary)}
        made.unique_token_ids_set = set(made.vocab_dict.values())
        made.save(str(place))
    index = bm25s.BM25.load(str(place), mmap=True)
    index.backend = "numba" if numba else "numpy"
    k = min(_TOP, ours.corpus_size)
    ask = partial(index.retrieve, k=k, show_progress=False, n_threads=0)
    return lambda terms: ask([terms])


def _tantivy(opened: Generation | Bare, ours: PostingsBM25, scratch: Path, _: bool) -> Ask:
    import tantivy

    schema = tantivy.SchemaBuilder().add_text_field("text", tokenizer_name="whitespace")
    place = scratch / "tantivy"
    place.mkdir()
    index = tantivy.Index(schema.build(), path=str(place))
    writer = index.writer(200_000_000, 1)
    for _number, terms in _passages(opened, ours):
        said = " ".join(" ".join([term] * often) for term, often in terms.items())
        writer.add_document(tantivy.Document(text=said))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, found = index.searcher(), index.schema

    def ask(terms: Sequence[str]) -> Any:
        wanted = [
            (tantivy.Occur.Should, tantivy.Query.term_query(found, "text", term)) for term in terms
        ]
        return searcher.search(tantivy.Query.boolean_query(wanted), _TOP).hits

    return ask


PEERS: dict[str, Callable[[Generation | Bare, PostingsBM25, Path, bool], Ask]] = {
    "bm25s numpy": _bm25s,
    "bm25s numba": _bm25s,
    "tantivy": _tantivy,
}

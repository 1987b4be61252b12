"""Writing a generation from the library, and publishing it."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import shutil
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from newsdesk.index.errors import LibraryDamaged, LibraryError
from newsdesk.index.indexes.article_bm25 import article_columns
from newsdesk.index.indexes.dense import LISTED, Model, encode_bits, listed, pack
from newsdesk.index.indexes.postings import postings
from newsdesk.index.indexes.sentence_terms import Hashes, heading
from newsdesk.index.indexes.vocabulary import Vocabulary
from newsdesk.index.library import Library, describe_os_error, vector_key
from newsdesk.index.text import analyzer
from newsdesk.index.types import Article, Passage, stamp

from .columns import LEXICAL, LISTS, OF_ARTICLES, PACKED, Column, layout, mapped
from .generation import (
    CURRENT,
    FOLDER,
    FORMAT,
    MANIFEST,
    NAME,
    UNDATED,
    Generation,
    Manifest,
    current,
    open_current,
)
from .integrity import Seal, sync_folder, write_synced
from .merging import article_rows

_SCRATCH = ".new"
_LEAST = 200  # articles of a library of which only the changes are written: long ones take seconds
_SHARE = 50  # of how many articles one may have changed, before all is written anew
_FEW = 20  # articles that may have changed in any case
_AT_ONCE = 4_096  # passages written together
_OBJECTS = 1_000_000  # more than before, when Python looks for garbage while building
_RAW = {"articles", "vectors", "sentence_vectors", "keys"}  # columns that are given as bytes

Progress = Callable[[int, int], None]  # done, of how many


def build(
    home: Path,
    library: Library,
    model: Model,
    progress: Progress = lambda *_: None,
    least: int = _LEAST,
    listed_from: int = LISTED,
) -> str:
    """Write the library's present state as a generation and publish it. Returns its name.

    Of a library of at least `least` articles, only what changed since the last whole generation is
    written, as long as that is little; the rest is linked. The vectors of at least `listed_from`
    passages are put in lists. The caller holds the writer's lock. Raises LibraryDamaged; the last
    generation stays then.
    """
    folder, last = home / FOLDER, _last(home)
    scratch = folder / _SCRATCH
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, last)
        scratch.mkdir()
        try:
            changes = _changes(home, library, model, least)
            with _seldom_collecting():
                if changes:
                    manifest = _write_changes(scratch, library, changes, progress)
                else:
                    manifest = _write(scratch, library, model, progress, listed_from)
            name = _publish(home, scratch, manifest)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, folder)) from error
    _drop(folder, {last, name})  # the last stays for who is just opening it
    return name


@contextlib.contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Have Python seldom look for garbage: rows leave none, and it took a sixth of a build."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def withdraw(home: Path) -> None:
    """Publish that there is nothing to ask. Raises LibraryDamaged."""
    try:
        (home / CURRENT).unlink(missing_ok=True)
        sync_folder(home)
    except OSError as error:
        raise LibraryDamaged(describe_os_error(error, home / CURRENT)) from error


def _publish(home: Path, scratch: Path, manifest: Manifest) -> str:
    """Rename the folder, then CURRENT; what takes room on the disk is written before both."""
    packed = json.dumps(asdict(manifest), indent=1, ensure_ascii=False).encode()
    write_synced(scratch / MANIFEST, packed)
    sync_folder(scratch)
    folder = scratch.parent
    name = f"{_next(folder):06d}-{hashlib.sha256(packed).hexdigest()[:12]}"
    pointer = home / f".{CURRENT}"
    write_synced(pointer, name.encode())
    scratch.rename(folder / name)
    sync_folder(folder)
    pointer.replace(home / CURRENT)
    sync_folder(home)
    return name


def _last(home: Path) -> str:
    try:
        return current(home)
    except LibraryError:
        return ""


def _numbered(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if NAME.fullmatch(path.name)]


def _next(folder: Path) -> int:
    numbers = (int(path.name.partition("-")[0]) for path in _numbered(folder))
    return 1 + max(numbers, default=0)


def _sweep(folder: Path, last: str) -> None:
    """Remove what killed builds left, and every generation but the last."""
    shutil.rmtree(folder / _SCRATCH, ignore_errors=True)
    if last:
        _drop(folder, {last})


def _drop(folder: Path, kept: set[str]) -> None:
    for path in _numbered(folder):
        if path.name not in kept:
            shutil.rmtree(path, ignore_errors=True)


def _write(
    folder: Path, library: Library, model: Model, progress: Progress, listed_from: int
) -> Manifest:
    manifest = _begun(library, model)
    with contextlib.ExitStack() as stack:
        columns = _opened(stack, folder, model)
        rows = _Rows(columns, library, model, lambda done: progress(done, manifest.passages))
        lexical = postings(rows.terms(library.articles(), dict(library.keys())))
        lexical |= article_columns(lexical, rows.first_passage)
        _add(stack, folder, columns, {name: lexical[name] for name in (*LEXICAL, *OF_ARTICLES)})
        del lexical
        described = {name: column.close() for name, column in columns.items()}
        if manifest.passages >= listed_from:
            described |= _write_lists(stack, folder, described)
            described |= _pack_vectors(stack, folder, described.pop("vectors"))
    sources, languages = rows.names()
    return replace(manifest, sources=sources, languages=languages, columns=described)


def _write_lists(
    stack: contextlib.ExitStack, folder: Path, described: Mapping[str, Seal]
) -> dict[str, Seal]:
    """Put the passages, whose vectors are written, in lists."""
    vectors, codes = (
        mapped(folder / name, described[name], verify=False)[0] for name in ("vectors", "codes")
    )
    made: dict[str, Column] = {}
    _add(stack, folder, made, dict(zip(LISTS, listed(vectors, codes), strict=True)))
    return {name: column.close() for name, column in made.items()}


def _pack_vectors(stack: contextlib.ExitStack, folder: Path, seal: Seal) -> dict[str, Seal]:
    """Write the vectors, of which there are many, anew in half the space."""
    vectors, _ = mapped(folder / "vectors", seal, verify=False)
    rows, scales = (
        stack.enter_context(Column(folder, name, dtype, *tail))
        for name, dtype, tail in zip(PACKED, ("<i2", "<f4"), (vectors.shape[1:], ()), strict=True)
    )
    for start in range(0, len(vectors), _AT_ONCE):
        some, own = pack(vectors[start : start + _AT_ONCE])
        rows.rows(some)
        scales.rows(own)
    del vectors  # Windows removes nothing that is mapped
    (folder / "vectors").unlink()
    return {name: column.close() for name, column in zip(PACKED, (rows, scales), strict=True)}


def _begun(library: Library, model: Model) -> Manifest:
    """What a generation is made of, before its sources and columns are known."""
    articles, passages = library.counts()
    return Manifest(
        format=FORMAT,
        analyzer=analyzer.VERSION,
        revision=library.revision,
        model=model,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        updated=library.updated,
        articles=articles,
        passages=passages,
        sources=[],
        languages=[],
        columns={},
    )


def _opened(stack: contextlib.ExitStack, folder: Path, model: Model) -> dict[str, Column]:
    return {
        name: stack.enter_context(Column(folder, name, dtype, *tail))
        for name, dtype, tail in layout(model.dimensions)
    }


def _add(
    stack: contextlib.ExitStack,
    folder: Path,
    columns: dict[str, Column],
    given: Mapping[str, NDArray[Any]],
) -> None:
    for name, rows in given.items():
        columns[name] = stack.enter_context(Column(folder, name, rows.dtype.str, *rows.shape[1:]))
        columns[name].rows(rows)


@dataclass(frozen=True, slots=True)
class _Changes:
    """What is to be written beside a base."""

    base: Generation
    keys: Mapping[str, bytes]  # of every article that is new or has changed, by id in order
    places: NDArray[np.int64]  # of these among all
    gone: NDArray[np.int64]  # numbers of the base's articles that are no more, or have changed


def _changes(home: Path, library: Library, model: Model, least: int) -> _Changes | None:
    """What changed since the last whole generation; None if all is to be written anew."""
    try:
        last = open_current(home)
    except LibraryError:
        return None
    base = last.base or last
    if base.model != model or base.manifest.articles < least:
        return None
    known = {row.tobytes(): number for number, row in enumerate(base.own["keys"])}
    left, places, keys = set[int](), [], {}
    for place, (article_id, key) in enumerate(library.keys()):
        if key in known:
            left.add(known[key])
        else:
            places.append(place)
            keys[article_id] = key
    gone = [number for number in range(base.manifest.articles) if number not in left]
    if len(keys) + len(gone) > max(base.manifest.articles // _SHARE, _FEW):
        return None
    return _Changes(base, keys, _numbers(places), _numbers(gone))


def _numbers(values: list[int]) -> NDArray[np.int64]:
    return np.asarray(values, dtype=np.int64)


def _write_changes(
    folder: Path, library: Library, changes: _Changes, progress: Progress
) -> Manifest:
    base, model = changes.base, changes.base.model
    manifest = _begun(library, model)
    with contextlib.ExitStack() as stack:
        columns = _opened(stack, folder, model)
        outlets = _merged_outlets(library, changes)
        rows = _Rows(columns, library, model, lambda done: progress(done, done), outlets)
        wanted = (library.article(article_id) for article_id in changes.keys)
        lexical = postings(rows.terms((each for each in wanted if each), changes.keys))
        lexical |= article_columns(lexical, rows.first_passage)
        given = {name: lexical[name] for name in (*LEXICAL, *OF_ARTICLES)}
        given |= {"places": changes.places, "gone": changes.gone}
        _add(stack, folder, columns, given | _statistics(base, lexical, changes.gone))
        described = {name: column.close() for name, column in columns.items()}
    name = f"base-{base.name.rpartition('-')[2]}"
    _link(base.folder, folder / name, [*base.manifest.columns, MANIFEST])
    names, languages = rows.names()
    return replace(manifest, sources=names, languages=languages, columns=described, base=name)


def _link(base: Path, folder: Path, names: Iterable[str]) -> None:
    """Have a base's files in a folder too, so that they are there as long as what needs them."""
    folder.mkdir()
    for name in names:
        try:
            (folder / name).hardlink_to(base / name)
        except OSError:  # a file system without links
            shutil.copy2(base / name, folder / name)
    sync_folder(folder)


def _merged_outlets(library: Library, changes: _Changes) -> dict[tuple[str, str], int]:
    """The numbers of all sources and languages, in the order of the first article of each."""
    base = changes.base
    rows = article_rows(base.manifest.articles, changes.gone, changes.places)
    articles = (library.article(each) for each in changes.keys)
    own = [(each.source, each.said_language) if each else ("", "") for each in articles]
    names = list(dict.fromkeys([*base.manifest.outlets, *own]))
    numbers = {name: number for number, name in enumerate(names)}
    of_base = np.asarray([numbers[name] for name in base.manifest.outlets], dtype=np.int64)
    both = np.concatenate([of_base[base.own["source"]], _numbers([numbers[name] for name in own])])
    merged = both[np.where(rows >= 0, rows, base.manifest.articles - 1 - rows)]
    found, firsts = np.unique(merged, return_index=True)
    ordered = [names[number] for number in found[np.argsort(firsts)].tolist()]
    return {name: number for number, name in enumerate(ordered)}


def _statistics(
    base: Generation, lexical: Mapping[str, NDArray[Any]], gone: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """How the terms of the changes and of what is gone stand to those of the base."""
    known = Vocabulary(base.own["terms"], base.own["term_ends"])
    new = Vocabulary(lexical["terms"], lexical["term_ends"])
    firsts = [0]
    lost = postings(_terms_of(base, gone, firsts))
    lost |= article_columns(lost, _numbers(firsts))
    dropped = Vocabulary(lost["terms"], lost["term_ends"])
    return {
        "shared": np.asarray([known.get(term, -1) for term in new], dtype=np.int32),
        "dropped": np.asarray([known[term] for term in dropped], dtype=np.int32),
        "dropped_counts": np.diff(lost["starts"]).astype(np.int32),
        "dropped_article_counts": lost["article_counts"].astype(np.int32),
    }


def _terms_of(
    base: Generation, numbers: NDArray[np.int64], firsts: list[int]
) -> Iterator[list[str]]:
    """The terms of the passages of some articles; puts where each article's end into `firsts`."""
    words = analyzer.Analyzer()
    for number in numbers.tolist():
        article = base.article(number)
        title = words.terms(article.title)
        first, last = base.own["first_passage"][number : number + 2].tolist()
        for row in range(first, last):
            yield title + words.terms(base.passage(row, article).text)
        firsts.append(firsts[-1] + last - first)


class _Rows:
    """Writes every column but the postings, `_AT_ONCE` passages at a time."""

    def __init__(
        self,
        columns: Mapping[str, Column],
        library: Library,
        model: Model,
        progress: Callable[[int], None],
        outlets: dict[tuple[str, str], int] | None = None,
    ) -> None:
        self._columns, self._library, self._model = columns, library, model
        self._progress = progress
        self._waiting: defaultdict[str, list[Any]] = defaultdict(list)
        self._ends = {"article_ends": 0, "first_passage": 0, "sentence_ends": 0, "hash_ends": 0}
        self._outlets: dict[tuple[str, str], int] = {} if outlets is None else outlets
        self._firsts = array("q", [0])
        self._stories = library.stories.numbers()

    def terms(self, articles: Iterable[Article], keys: Mapping[str, bytes]) -> Iterator[list[str]]:
        """Write the rows of some articles, and yield each passage's terms: one pass does both."""
        words, hashes = analyzer.Analyzer(), Hashes()
        for name in self._ends:
            self._end(name, 0)
        done = 0
        for number, article in enumerate(articles):
            self._article(article)
            self._waiting["keys"].append(keys[article.id])
            title, about = words.terms(article.title), hashes.of(words.terms(heading(article)))
            passages = self._library.passages(article)
            vectors = self._library.vectors(article)
            for passage, key in passages:
                found = vectors.get(key) or self._library.vector(key)  # which says if it is missing
                self._passage(number, article, passage, key, found)
                said = [words.terms(span.of(article.text)) for span in passage.sentences]
                self._hashes([about, *map(hashes.of, said)])
                yield title + words.terms(passage.text)
                done += 1
                if done % _AT_ONCE == 0:
                    self._flush(done)
            self._end("first_passage", len(passages))
            self._firsts.append(self._ends["first_passage"])
        self._flush(done)

    @property
    def first_passage(self) -> NDArray[np.int64]:
        """Each article's first passage, and the number of all passages last."""
        return np.frombuffer(self._firsts, dtype=np.int64)

    def names(self) -> tuple[list[str], list[str]]:
        """The `sources` and `languages` of the manifest."""
        return [name for name, _ in self._outlets], [code for _, code in self._outlets]

    def _article(self, article: Article) -> None:
        given = {**asdict(article), "published": stamp(article.published)}
        packed = json.dumps(given, ensure_ascii=False).encode()
        self._waiting["articles"].append(packed)
        self._end("article_ends", len(packed))
        day = article.published.toordinal() if article.published else UNDATED
        self._waiting["published"].append(day)
        self._waiting["story"].append(self._stories.get(article.id, 0))
        outlet = (article.source, article.said_language)
        source = self._outlets.setdefault(outlet, len(self._outlets))
        self._waiting["source"].append(source)

    def _passage(
        self,
        number: int,
        article: Article,
        passage: Passage,
        key: bytes,
        vectors: tuple[bytes, bytes],
    ) -> None:
        vector, sentence_vectors = vectors
        sound = (
            key == vector_key(self._model.hash, article, passage)
            and len(vector) == 4 * self._model.dimensions
            and len(sentence_vectors) == len(passage.sentences) * self._model.dimensions
        )
        if not sound:
            raise self._library.damaged(f"a passage of article {article.id!r}")
        self._waiting["vectors"].append(vector)
        self._waiting["sentence_vectors"].append(sentence_vectors)
        self._waiting["sentence_spans"] += [(span.start, span.end) for span in passage.sentences]
        self._end("sentence_ends", len(passage.sentences))
        self._waiting["spans"].append((passage.start, passage.end))
        self._waiting["passage_article"].append(number)

    def _hashes(self, of_each: list[list[int]]) -> None:
        """The terms of a passage's heading and sentences, see `SentenceTerms`."""
        counts = [len(hashes) for hashes in of_each]
        self._waiting["sentence_hashes"] += chain.from_iterable(of_each)
        self._waiting["hash_counts"] += counts
        self._end("hash_ends", sum(counts))

    def _end(self, name: str, more: int) -> None:
        self._ends[name] += more
        self._waiting[name].append(self._ends[name])

    def _flush(self, done: int) -> None:
        packed = b"".join(self._waiting["vectors"])
        vectors = np.frombuffer(packed, dtype="<f4").reshape(-1, self._model.dimensions)
        lengths = np.linalg.norm(vectors, axis=1)
        if not np.all(np.isclose(lengths, 1, rtol=0, atol=1e-3) | (lengths == 0)):
            raise self._library.damaged("a vector whose length is not 1")
        self._columns["codes"].rows(encode_bits(vectors))
        for name, rows in self._waiting.items():
            if name in _RAW:
                self._columns[name].raw(b"".join(rows))
            else:
                self._columns[name].rows(rows)
        self._waiting.clear()
        self._progress(done)

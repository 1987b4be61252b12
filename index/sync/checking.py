"""`check`: verify a library whole: its file, every digest, offset and vector, its generation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from newsdesk.index.errors import LibraryDamaged, LibraryMissing, ModelError
from newsdesk.index.generation import Generation, model_files, open_current
from newsdesk.index.indexes.dense import PackedVectors, encode_bits, pack
from newsdesk.index.library import Library, vector_key
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article
from newsdesk.index.update import Progress

from .companions import Companion, Flaw

_ANEW = "run `newsdesk index`: it is built anew from the library"
_READ_AGAIN = "remove it with `newsdesk remove ID --erase`, then `newsdesk add` its file again"
_IMPORT = "`newsdesk export`, then `newsdesk import` into a new home, which encodes all anew"
_MOVE = (
    "run `newsdesk index --engine milvus`; if it stays, under another NEWSDESK_MILVUS_NAME, which "
    "writes all anew"
)
_ENCODE = "run `newsdesk index`: what has no vector is encoded"
_WHOLE = (
    "`newsdesk restore` a backup; or move the file away and run `newsdesk import` of an export, or "
    "`newsdesk index` of the files"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was looked at, and what is wrong with it; `companions` are the other files."""

    articles: int
    passages: int
    vectors: int
    versions: int
    flaws: tuple[Flaw, ...]
    companions: tuple[str, ...] = ()


def check(
    settings: Settings, progress: Progress = lambda *_: None, companions: Sequence[Companion] = ()
) -> Checked:
    """Verify the library in `settings.home`, and files that lie beside it; changes nothing.

    Raises LibraryMissing, or LibraryDamaged for a file that is no library any more.

    >>> checked = check(load_settings())
    >>> checked.articles, checked.flaws
    (30, ())
    """
    beside = [each for each in companions if (settings.home / each.schema.file).is_file()]
    flaws: list[Flaw] = []
    with Library(settings.home) as library:
        flaws += _file(library)
        articles, passages = library.counts()
        keys: dict[bytes, int] = {}  # of vectors, with how many sentences each is of
        for number, (article_id,) in enumerate(
            list(library.rows("SELECT id FROM articles ORDER BY id")), start=1
        ):
            flaws += _article(library, article_id, keys)
            progress("checking", number, articles)
        flaws += _vectors(settings, library, keys)
        versions = _count(library, "SELECT count(*) FROM versions")
        flaws += _versions(library)
        flaws += _generation(settings, library)
    for companion in beside:
        progress(f"checking {companion.schema.file}", 0, 0)
        flaws += companion.check(settings.home)
    if settings.engine == "milvus" and articles:
        flaws += _there(settings, progress)
    names = tuple(each.schema.file for each in beside)
    return Checked(articles, passages, len(keys), versions, tuple(flaws), names)


def _there(settings: Settings, progress: Progress) -> Iterator[Flaw]:
    """That Milvus holds the same, row by row."""
    from newsdesk.index.milvus import check_moved

    try:
        opened = open_current(settings.home)
    except (LibraryDamaged, LibraryMissing):  # said before
        return
    for told in check_moved(
        settings.milvus, opened, lambda done, total: progress("comparing", done, total)
    ):
        yield Flaw(told, _MOVE)


def _count(library: Library, sql: str) -> int:
    row = library.row(sql)
    return int(row[0]) if row else 0


def _file(library: Library) -> Iterator[Flaw]:
    for found in library.flaws():
        yield Flaw(f"{library.file}: {found}", _WHOLE)


def _article(library: Library, article_id: str, keys: dict[bytes, int]) -> Iterator[Flaw]:
    """Its digest, the spans of its passages and sentences, and that it has any."""
    try:
        article = library.article(article_id)
        passages = library.passages(article) if article else []
    except LibraryDamaged as error:
        yield Flaw(str(error).partition("; ")[0], _READ_AGAIN.replace("ID", article_id))
        return
    if article is None or not passages:
        yield Flaw(f"article {article_id!r} has no passage", _READ_AGAIN.replace("ID", article_id))
        return
    keys |= {key: len(passage.sentences) for passage, key in passages}
    end = 0
    for ordinal, (passage, _) in enumerate(passages):
        inside = all(
            passage.start <= span.start and span.end <= passage.end for span in passage.sentences
        )
        if passage.ordinal != ordinal or passage.start < end or not inside:
            yield Flaw(
                f"article {article_id!r}: the offsets of passage {ordinal} are wrong",
                _READ_AGAIN.replace("ID", article_id),
            )
        end = passage.end
    if article.text[end:].strip():
        yield Flaw(
            f"article {article_id!r}: its passages end before its text does",
            _READ_AGAIN.replace("ID", article_id),
        )


def _vectors(settings: Settings, library: Library, keys: dict[bytes, int]) -> Iterator[Flaw]:
    """That every passage has its vector, of length 1, and one for each of its sentences."""
    dimensions = _dimensions(settings, library)
    for key, sentences in sorted(keys.items()):
        try:
            vector, of_sentences = library.vector(key)
        except LibraryDamaged:
            yield Flaw(f"the vector {key.hex()} is missing", _ENCODE)
            continue
        if (len(vector), len(of_sentences)) != (4 * dimensions, sentences * dimensions):
            yield Flaw(f"the vector {key.hex()} has a wrong size", _IMPORT)
            continue
        length = float(np.linalg.norm(np.frombuffer(vector, dtype="<f4")))
        if not (length == 0 or abs(length - 1) < 1e-3):
            yield Flaw(f"the vector {key.hex()} is not of length 1", _IMPORT)


def _dimensions(settings: Settings, library: Library) -> int:
    """How long vectors are, by what is asked now; else by the first of the library."""
    try:
        return open_current(settings.home).model.dimensions
    except (LibraryDamaged, LibraryMissing):
        return library.dimensions()


def _versions(library: Library) -> Iterator[Flaw]:
    for (article_id,) in list(library.rows("SELECT DISTINCT article_id FROM versions")):
        try:
            library.versions(article_id)
        except LibraryDamaged as error:
            yield Flaw(
                f"a former state: {str(error).partition('; ')[0]}",
                "nothing else depends on it; `newsdesk import` of an export brings it back",
            )


def _asked_vectors(opened: Generation, library: Library) -> Iterator[Flaw]:
    """That passages are asked where they stand in the library, and by the vectors it has."""
    number = 0
    for place in range(opened.manifest.articles):
        article = opened.article(place)
        try:
            stored = library.passages(article)
            vectors = [library.vector(key)[0] for _, key in stored]
        except LibraryDamaged:  # said before
            return
        for (passage, key), vector in zip(stored, vectors, strict=True):
            if opened.passage(number, article) != passage:
                yield Flaw(f"article {article.id!r}: offsets are asked that it has not", _ANEW)
            elif key != vector_key(opened.model.hash, article, passage):
                yield Flaw(f"article {article.id!r}: a vector is of another text", _IMPORT)
            elif not _is_asked(opened, number, vector):
                yield Flaw(f"article {article.id!r}: a vector is asked that it has not", _ANEW)
            number += 1


def _is_asked(opened: Generation, number: int, vector: bytes) -> bool:
    """Whether a passage is asked by a vector of the library, be it as it is there or packed."""
    asked = opened.column("vectors")[number].tobytes()
    if asked == vector:
        return True
    packed = pack(np.frombuffer(vector, dtype=np.float32)[None, :])
    return bool(asked == PackedVectors(*packed)[0].tobytes())


def _is_stored(library: Library, article: Article) -> bool:
    try:
        return library.article(article.id) == article
    except LibraryDamaged:  # said before
        return True


def _generation(settings: Settings, library: Library) -> Iterator[Flaw]:
    """That what is asked is whole, is of this state of the library, and has its model."""
    if not library.counts()[0]:
        return
    try:
        opened = open_current(settings.home, verify=True)
        model_files.find(settings.home / model_files.MODELS, opened.model, verify=True)
    except (LibraryDamaged, LibraryMissing, ModelError) as error:
        yield Flaw(str(error).partition("; ")[0], _ANEW)
        return
    if opened.manifest.revision != library.revision:
        yield Flaw("what is asked is older than the library", _ANEW)
        return
    for number in range(opened.manifest.articles):
        article = opened.article(number)
        if not _is_stored(library, article):
            yield Flaw(f"article {article.id!r} is asked otherwise than it is stored", _ANEW)
    yield from _asked_vectors(opened, library)
    vectors = opened.column("vectors")
    for start in range(0, opened.manifest.passages, 4096):
        piece = slice(start, start + 4096)
        if not (encode_bits(vectors[piece]) == opened.column("codes")[piece]).all():
            yield Flaw("codes do not fit the vectors they were made of", _ANEW)
            return
    lists = opened.lists()
    if lists and not lists.hold(opened.column("codes")):
        yield Flaw("the lists of near passages do not hold each passage once", _ANEW)

"""Bring the library in line with the files: read, compare, store, encode, publish.

Killed at any moment, it leaves a sound library and the last generation answering; run again, it
finds what is done and goes on.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from . import generation, passages, readers
from .dense import fingerprint
from .errors import LibraryDamaged, LibraryMissing, NothingUsable
from .library import Library, Stored
from .readers import Refusal
from .settings import Settings
from .types import Article, Passage, Span, file_of

if TYPE_CHECKING:
    from .dense import Encoder, Model

LOCK = "index.lock"
MODELS = "models"
Action = Literal["added", "changed", "moved", "unchanged"]
_ARTICLES_AT_ONCE = 100  # in one transaction


class Progress(Protocol):
    """Told how far a step is; `total` is 0 while nobody knows."""

    def __call__(self, step: str, done: int, total: int, /) -> None:
        """Called at the start of a step and after every piece of it."""


@dataclass(slots=True)
class Report:
    """What an update did, by the ids of the articles."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)  # of refused files, as they were before
    encoded: int = 0  # passages
    published: bool = False


def decide(stored: Stored | None, article: Article, split: str) -> Action:
    """What has to happen with an article that was just read."""
    if stored is None:
        return "added"
    if stored.digest != article.digest or stored.split != split:
        return "changed"
    return "unchanged" if stored.path == article.path else "moved"


def update(
    settings: Settings,
    paths: Sequence[Path],
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    prune: bool = False,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> Report:
    """Read `paths` into the library in `settings.home` and publish a generation of it.

    `waiting` is called once if another update has to end first. `load` makes the encoder from
    the model's name, by default `dense.PassageEncoder`, if there is work for it. Articles that
    are gone from `paths` are removed, but not the last ones of all, unless `prune` is set.
    Raises UsageError, NothingUsable, LibraryDamaged or ModelError.
    """
    with _alone(settings.home, waiting), Library(settings.home, create=True) as library:
        # By the weights where their file is at hand: another file under the same name shows.
        model = fingerprint(settings.model) or settings.model
        report = _Update(settings, library, model, progress).read(paths, prune)
        models = models or settings.home / MODELS
        _publish(settings, library, model, report, progress, models, load or _load)
        return report


@contextlib.contextmanager
def _alone(home: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the writer's lock of a home, which the system lets go when a process dies."""
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
    except OSError as error:
        raise LibraryDamaged(
            f"{home}: {error.strerror}; set NEWSDESK_HOME to a folder you can write to"
        ) from error
    try:
        yield
    finally:
        lock.release()


class _Update:
    """One reading of some paths."""

    def __init__(
        self, settings: Settings, library: Library, model: str, progress: Progress
    ) -> None:
        self._settings, self._library, self._progress = settings, library, progress
        self._model = model
        given = settings.passages
        self._split = f"{passages.VERSION}:{given.words}:{given.most}:{model}"
        self._report = Report()
        self._seen: dict[str, str] = {}  # id -> path
        self._refused_files: set[str] = set()

    def read(self, paths: Sequence[Path], prune: bool) -> Report:
        resolved = [path.absolute() for path in paths]
        waiting: list[tuple[Action, Article]] = []
        for article in self._articles(resolved):
            waiting.append((self._judge(article), article))
            if len(waiting) == _ARTICLES_AT_ONCE:
                self._store(waiting)
        self._store(waiting)
        self._remove(resolved, prune)
        self._split_anew()
        return self._report

    def _articles(self, paths: Sequence[Path]) -> Iterator[Article]:
        """Every article that can be taken; the rest goes into the report."""
        files = [(file, path) for path in paths for file in readers.find(path)]
        roots = self._roots(paths)
        for number, (file, path) in enumerate(dict(files).items()):
            self._progress("reading", number, len(files))
            root = max(
                (r for r in roots if file.is_relative_to(r)),
                key=lambda r: len(r.parts),
                default=path,
            )
            for found in readers.read(file, root, self._settings.readers):
                if isinstance(found, Refusal):
                    self._refuse(found, file)
                elif twin := self._twin(found, file):
                    reason = f"has the same id, {found.id!r}, as {twin}; rename it or give it an id"
                    self._refuse(Refusal(found.path, reason), file)
                else:
                    self._seen[found.id] = found.path
                    yield found
        self._progress("reading", len(files), len(files))

    def _roots(self, paths: Sequence[Path]) -> list[Path]:
        known = [Path(root) for root in self._library.roots()]
        for path in paths:
            if path.is_dir() and not any(path.is_relative_to(root) for root in known):
                with self._library.transaction():
                    self._library.add_root(str(path))
                known.append(path)
        return known

    def _refuse(self, refusal: Refusal, file: Path) -> None:
        self._report.refused.append(refusal)
        self._refused_files.add(str(file))

    def _twin(self, article: Article, file: Path) -> str | None:
        """Where another article with this id was read, if that is still there."""
        if article.id in self._seen:
            return self._seen[article.id]
        stored = self._library.stored(article.id)
        if stored is None:
            return None
        place = file_of(stored.path)
        return stored.path if place != str(file) and Path(place).exists() else None

    def _judge(self, article: Article) -> Action:
        return decide(self._library.stored(article.id), article, self._split)

    def _store(self, waiting: list[tuple[Action, Article]]) -> None:
        if any(action != "unchanged" for action, _ in waiting):
            with self._library.transaction():
                for action, article in waiting:
                    if action == "moved":
                        self._library.move(article.id, article.path)
                    elif action != "unchanged":
                        self._put(article)
        for action, article in waiting:
            name = "unchanged" if action == "moved" else action
            getattr(self._report, name).append(article.id)
        waiting.clear()

    def _put(self, article: Article) -> None:
        given = self._settings.passages
        language = article.language or self._settings.readers.language
        cut = passages.split(article.id, article.text, language, given.words, given.most)
        keyed = [(one, _key(self._model, article, one)) for one in cut]
        self._library.put(article, keyed, self._split)

    def _remove(self, paths: Sequence[Path], prune: bool) -> None:
        """Remove what is gone from the paths; what is merely refused now stays as it was."""
        gone: list[str] = []
        for path in paths:
            for article_id, place in self._library.ids_below(str(path)):
                if article_id in self._seen:
                    continue
                kept = file_of(place) in self._refused_files
                (self._report.kept if kept else gone).append(article_id)
        if not (self._seen or prune):
            self._nothing_left(paths, gone)
        with self._library.transaction():
            for article_id in gone:
                self._library.remove(article_id)
        self._report.removed += gone

    def _nothing_left(self, paths: Sequence[Path], gone: Sequence[str]) -> None:
        named = ", ".join(map(str, paths))
        reasons = "; ".join(f"{one.path}: {one.reason}" for one in self._report.refused[:3])
        known = f"known are {', '.join(readers.suffixes())}"
        what = f"nothing usable ({reasons})" if reasons else f"no articles there; {known}"
        if gone:
            what += f". The {len(gone)} articles read from there stay; --prune removes them"
        raise NothingUsable(f"{named}: {what}")

    def _split_anew(self) -> None:
        """Split articles outside the paths again if the rules have changed since."""
        for article_id in self._library.ids_split_otherwise(self._split):
            article = self._library.article(article_id)
            if article:
                with self._library.transaction():
                    self._put(article)


def _publish(
    settings: Settings,
    library: Library,
    model: str,
    report: Report,
    progress: Progress,
    models: Path,
    load: Callable[[str], Encoder],
) -> None:
    """Encode what is new, export the model if that was not done, and publish a generation."""
    articles, _ = library.counts()
    if not articles:
        raise NothingUsable(
            f"{settings.home}: the library holds no article; run `newsdesk index FOLDER`"
        )
    missing = library.unencoded()
    if not missing and _up_to_date(settings, library, model, models):
        return
    progress("loading the model", 0, 0)
    encoder = load(settings.model)
    encoder.export(models / encoder.model.id)
    report.encoded = _encode(library, encoder, missing, settings.dense.batch, progress)
    _build(settings.home, library, encoder.model, progress)
    report.published = True


def _load(name: str) -> Encoder:
    from .dense import PassageEncoder

    return PassageEncoder(name)


def _up_to_date(settings: Settings, library: Library, model: str, models: Path) -> bool:
    """Whether the current generation is sound and shows the library as it is."""
    try:
        opened = generation.open_current(settings.home)
    except (LibraryMissing, LibraryDamaged):
        return False
    return (
        opened.manifest.revision == library.revision
        and opened.model.name == settings.model
        and model in (opened.model.name, opened.model.hash)
        and (models / opened.model.id / "export.json").is_file()
    )


def _build(home: Path, library: Library, model: Model, progress: Progress) -> None:
    generation.build(home, library, model, lambda done, total: progress("building", done, total))


def _encode(
    library: Library,
    encoder: Encoder,
    missing: Sequence[tuple[bytes, str, int]],
    batch: int,
    progress: Progress,
) -> int:
    """Encode passages, longest first so that a batch holds like lengths; commits every batch."""
    progress("encoding", 0, len(missing))
    for start in range(0, len(missing), batch):
        rows = missing[start : start + batch]
        taken = [library.passage(article_id, ordinal) for _, article_id, ordinal in rows]
        encoded = encoder.encode(
            [article.title for article, _ in taken],
            [passage.text for _, passage in taken],
            [_within(passage) for _, passage in taken],
        )
        with library.transaction():
            library.put_vectors(
                (key, one.vector.tobytes(), one.sentences.tobytes())
                for (key, _, _), one in zip(rows, encoded, strict=True)
            )
        progress("encoding", start + len(rows), len(missing))
    return len(missing)


def _within(passage: Passage) -> list[Span]:
    return [Span(s.start - passage.start, s.end - passage.start) for s in passage.sentences]


def _key(model: str, article: Article, passage: Passage) -> bytes:
    """Names a vector by all that it depends on."""
    spans = ",".join(f"{span.start}-{span.end}" for span in _within(passage))
    packed = "\x1f".join((model, article.title, passage.text, spans)).encode()
    return hashlib.sha256(packed).digest()[:16]

"""From files to the library: read, compare with what is stored, store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from newsdesk.index import readers
from newsdesk.index.errors import NothingUsable
from newsdesk.index.library import IN_ONE_TRANSACTION, Library, Stored, is_file_path
from newsdesk.index.readers import Refusal, Remark
from newsdesk.index.settings import Settings
from newsdesk.index.types import Article, counted, file_of

if TYPE_CHECKING:
    from newsdesk.index.milvus import Moved

from .identity import FileIdentity, is_gone, is_utf8, one_road_each
from .storing import Storing
from .unchanged import ReadFiles

Action = Literal["added", "changed", "moved", "unchanged"]
RESTORED = "restored://"  # where an article is from that was brought back without its file


class Progress(Protocol):
    """Told how far a step is; `total` is 0 while nobody knows."""

    def __call__(self, step: str, done: int, total: int, /) -> None:
        """Called at the start of a step and after every piece of it."""


@dataclass(frozen=True, slots=True)
class Gone:
    """A folder, or a lone file, that was indexed and is not there any more."""

    path: str
    articles: int  # that stay in the library until it is forgotten


@dataclass(slots=True)
class Report:
    """What an update did, by the ids of the articles.

    >>> Report(added=["bucharest-summit-2008"]).published
    False
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)  # on articles that were taken
    kept: list[str] = field(default_factory=list)  # of refused files, as they were before
    gone: list[Gone] = field(default_factory=list)  # their articles stay
    encoded: int = 0  # passages
    taken: int = 0  # passages whose vectors were made elsewhere
    published: bool = False
    moved: Moved | None = None  # what was brought to Milvus, where that is what answers


def decide(stored: Stored | None, article: Article, split: str) -> Action:
    """What has to happen with an article that was just read."""
    if stored is None:
        return "added"
    if stored.digest != article.digest or stored.split != split:
        return "changed"
    return "unchanged" if stored.path == article.path else "moved"


class IndexingRun:
    """Reads some paths into the library; `model` is the hash of the model that will encode them.

    With `changed_only`, files that are as they were when they were read are not read again.
    """

    def __init__(
        self,
        settings: Settings,
        library: Library,
        model: str,
        progress: Progress,
        changed_only: bool = False,
    ) -> None:
        self._settings, self._library, self._progress = settings, library, progress
        self._storing = Storing(settings, library, model)
        self._split = self._storing.split
        self._read_files = ReadFiles(library, f"{self._split} {readers.VERSION} {settings.readers}")
        self._changed_only = changed_only
        self._withdrawn = library.withdrawn()
        self._report = Report()
        self._seen: dict[str, str] = {}  # id -> path
        self._files: dict[str, Path] = {}  # what is read, and the path it was found by
        self._orders = readers.DayOrders.of_files(lambda: map(Path, self._files))
        self._known_ids: dict[str, set[str]] = {}  # of articles, by their file
        self._roads: dict[str, str] = {}  # another road to a file -> the road it is read by
        self._refused_files: set[str] = set()
        self._later: list[tuple[Article, str]] = []
        self._new_roots: set[str] = set()  # folders to remember once they gave an article

    def read(self, paths: Sequence[Path], prune: bool) -> Report:
        """Store what is new in `paths`, and remove what is gone from there."""
        waiting: list[tuple[Action, Article]] = []
        for article in self._articles(paths):
            waiting.append((self._judge(article), article))
            if len(waiting) == IN_ONE_TRANSACTION:
                self._store(waiting)
        self._store(waiting)
        self._remove(paths, prune)
        self._split_anew()
        return self._report

    def _articles(self, paths: Sequence[Path]) -> Iterator[Article]:
        """Every article that can be taken; the rest goes into the report."""
        self._files = {str(file): path for path in paths for file in readers.find(path)}
        self._roads = one_road_each(self._files, self._library.files())
        for path in paths:
            for article_id, place in self._library.ids_below(str(path)):
                self._known_ids.setdefault(file_of(place), set()).add(article_id)
        known = [Path(root) for root in self._library.roots()]
        roots = [*known, *_further_roots(known, paths)]
        for number, (file, path) in enumerate(self._files.items()):
            self._progress("reading", number, len(self._files))
            road = self._roads.get(file, file)
            if road != file and road in self._files:
                continue
            if self._passed_over(road):
                continue
            named = _root(file, roots, path)
            root = named if road == file else _root(road, roots, Path(road))
            for article in self._read(road, root):
                if self._taken(article, road):
                    # Not before: a folder with nothing usable is not remembered.
                    self._new_roots |= {str(named)} - {file, *map(str, known)}
                    yield article
        for article, file in self._later:
            if self._taken(article, file, last=True):
                path = self._files.get(file, Path(file))
                self._new_roots |= {str(_root(file, roots, path))} - {file}
                yield article
        self._progress("reading", len(self._files), len(self._files))

    def _passed_over(self, file: str) -> bool:
        """Whether a file need not be read; its articles are noted as unchanged."""
        ids = self._known_ids.get(file)
        if not (self._changed_only and ids and self._read_files.is_unchanged(file)):
            return False
        for article_id in sorted(ids):
            stored = self._library.stored(article_id)
            if stored is None or stored.split != self._split or article_id in self._seen:
                return False
        self._seen |= dict.fromkeys(ids, file)
        self._report.unchanged += sorted(ids)
        return True

    def _read(self, file: str, root: Path) -> Iterator[Article]:
        """The articles of one file, under the ids by which the library knows them."""
        state, troubles = self._read_files.note(file), self._troubles
        identity = FileIdentity(self._library, file, root, self._holder, self._ids_of(file))
        for article in readers.read(Path(file), root, self._settings.readers, self._orders):
            if isinstance(article, Refusal):
                self._refuse(article, file)
            elif isinstance(article, Remark):
                self._report.remarks.append(article)
            else:
                yield from identity.identified(article)
        yield from identity.changed(self._seen)
        if troubles == self._troubles:  # one that was refused in part is read again, and said again
            self._read_files.remember(file, state)

    @property
    def _troubles(self) -> int:
        return len(self._report.refused) + len(self._report.remarks) + len(self._later)

    def _ids_of(self, file: str) -> Set[str]:
        """Ids of the articles that the library has from a file."""
        if file in self._files:
            return self._known_ids.get(file, frozenset())
        return {article_id for article_id, _ in self._library.ids_below(file)}

    def _holder(self, article_id: str, file: str) -> str | None:
        """The path of the article that has an id made from a path; None if `file` may have it."""
        if article_id in self._seen:
            path = self._seen[article_id]
            return None if file_of(path) == file else path
        stored = self._library.stored(article_id)
        return None if stored is None or _let_go(file_of(stored.path), file) else stored.path

    def _remember_roots(self) -> None:
        """Within a transaction: that of the first articles, so that a killed run keeps both."""
        for root in sorted(self._new_roots):
            self._library.add_root(root)
        self._new_roots.clear()
        self._read_files.store()

    def _refuse(self, refusal: Refusal, file: str) -> None:
        self._report.refused.append(refusal)
        self._refused_files.add(file)

    def _taken(self, article: Article, file: str, last: bool = False) -> bool:
        """Whether the id is this article's; judged later, if who had it may have let it go."""
        if not is_utf8(article.id + article.path):
            self._refuse(Refusal(article.path, "its name is not UTF-8; rename it"), file)
            return False
        if article.id in self._withdrawn:
            return False
        twin = self._seen.get(article.id) or self._stored_twin(article, file)
        if twin and (article.id in self._seen or not self._is_read(file_of(twin))):
            reason = f"has the same id, {article.id!r}, as {twin}; rename it or give it an id"
            self._refuse(Refusal(article.path, reason), file)
            return False
        if twin and not last:
            self._later.append((article, file))
            return False
        self._seen[article.id] = article.path
        return True

    def _is_read(self, file: str) -> bool:
        return file in self._files and file not in self._refused_files

    def _stored_twin(self, article: Article, file: str) -> str | None:
        """Where an article with this id was read before, if that is another file, still there."""
        stored = self._library.stored(article.id)
        return None if stored is None or _let_go(file_of(stored.path), file) else stored.path

    def _judge(self, article: Article) -> Action:
        return decide(self._library.stored(article.id), article, self._split)

    def _store(self, waiting: list[tuple[Action, Article]]) -> None:
        if any(action != "unchanged" for action, _ in waiting):
            with self._library.transaction():
                self._remember_roots()
                for action, article in waiting:
                    if action == "moved":
                        self._library.move(article.id, article.path)
                    elif action != "unchanged":
                        self._storing.put(article)
        for action, article in waiting:
            name = "unchanged" if action == "moved" else action
            getattr(self._report, name).append(article.id)
        waiting.clear()

    def _remove(self, paths: Sequence[Path], prune: bool) -> None:
        """Remove what is gone from the paths; what merely cannot be read now stays as it was."""
        below = dict(pair for path in paths for pair in self._library.ids_below(str(path)))
        lost = {name: file_of(place) for name, place in below.items() if name not in self._seen}
        kept = [name for name, file in lost.items() if file in self._refused_files]
        removed = [
            name
            for name, file in lost.items()
            if self._is_read(file) or (file not in self._files and is_gone(file))
        ]
        if not (self._seen or prune):
            self._nothing_left(paths, removed)
        with self._library.transaction():
            self._remember_roots()
            for article_id in removed:
                self._library.remove(article_id)
        self._report.kept += kept
        self._report.removed += removed

    def _nothing_left(self, paths: Sequence[Path], lost: Sequence[str]) -> None:
        named = ", ".join(map(str, paths))
        reasons = "; ".join(f"{r.path}: {r.reason}" for r in self._report.refused[:3])
        known = f"known are {', '.join(readers.suffixes())}"
        what = f"nothing usable ({reasons})" if reasons else f"no articles there; {known}"
        if lost:
            stay = "stays; --prune removes it" if len(lost) == 1 else "stay; --prune removes them"
            what += f". The {counted(len(lost), 'article')} read from there {stay}"
        raise NothingUsable(f"{named}: {what}")

    def _split_anew(self) -> None:
        """Split articles outside the paths again if the rules have changed since."""
        ids = self._library.ids_split_otherwise(self._split)
        for start in range(0, len(ids), IN_ONE_TRANSACTION):
            self._progress("splitting anew", start, len(ids))
            with self._library.transaction():
                for article_id in ids[start : start + IN_ONE_TRANSACTION]:
                    article = self._library.article(article_id)
                    if article:
                        self._storing.put(article)


def _further_roots(known: Sequence[Path], paths: Sequence[Path]) -> list[Path]:
    """The folders among some paths that lie in none of the roots before them."""
    further: list[Path] = []
    for path in paths:
        if path.is_dir() and not any(path.is_relative_to(root) for root in (*known, *further)):
            further.append(path)
    return further


def _root(file: str, roots: Sequence[Path], path: Path) -> Path:
    """The innermost root that holds a file: what its id is counted from."""
    above = [root for root in roots if Path(file).is_relative_to(root)]
    return max(above, key=lambda root: len(root.parts), default=path)


def _let_go(place: str, file: str) -> bool:
    """Whether what was read from a place may be read from a file now."""
    if not is_file_path(place):
        return place.startswith(RESTORED)
    return place == file or is_gone(place) or _same(place, file)


def _same(file: str, other: str) -> bool:
    try:
        return Path(file).samefile(other)
    except OSError:
        return False

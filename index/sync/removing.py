"""`remove` and `restore`: take a source or an article out, and bring an article back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from newsdesk.index.errors import LibraryMissing, UsageError
from newsdesk.index.generation.model_files import MODELS
from newsdesk.index.indexes.dense import Encoder
from newsdesk.index.library import FILE, Library, Source, is_file_path
from newsdesk.index.settings import Settings
from newsdesk.index.types import file_of
from newsdesk.index.update import (
    RESTORED,
    PassageEncoderLoader,
    Progress,
    Report,
    Storing,
    alone,
    forget_place,
    is_gone,
    place_of,
    publish,
    withdraw,
)


@dataclass(frozen=True, slots=True)
class Removed:
    """What was removed or brought back."""

    name: str
    articles: list[str]  # ids
    left: int  # articles that the library holds now


@contextmanager
def changing(
    settings: Settings,
    progress: Progress,
    waiting: Callable[[], None],
    models: Path | None,
    load: Callable[[str], Encoder] | None,
    publishing: bool = True,
) -> Iterator[tuple[Library, PassageEncoderLoader]]:
    """The library, to be changed; what there is then is published, or left to `catch_up`."""
    if not (settings.home / FILE).is_file():
        raise LibraryMissing(f"{settings.home}: no library here; run `newsdesk add` first")
    with alone(settings.home, waiting), Library(settings.home) as library:
        loader = PassageEncoderLoader(settings.model, load, progress)
        yield library, loader
        if not publishing:
            return
        if library.counts()[0]:
            models = models or settings.home / MODELS
            publish(settings, library, loader, Report(), progress, models, verify=False)
        else:
            withdraw(settings, library)


def renew(
    settings: Settings,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
) -> None:
    """Publish anew what the library holds, encoding nothing: for what another version wrote.

    Raises LibraryMissing, LibraryDamaged or ModelError.
    """
    with changing(settings, progress, waiting, None, None):
        pass


def remove(
    settings: Settings,
    name: str,
    *,
    erase: bool = False,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> Removed:
    """Remove a source with its articles, or one article, and publish the rest.

    `name` is the number, address, path or title of a source, a file of an indexed folder, or the id
    of an article. What was cited still opens, unless `erase`. An article that was removed by its id
    or its file stays out though its source still has it, until `restore`, or until its file is
    added. The other arguments are those of `sync`.
    Raises UsageError for what is not known, LibraryMissing, LibraryDamaged or ModelError.
    """
    with changing(settings, progress, waiting, models, load) as (library, _):
        removed = _remove(library, name)
        if erase:
            with library.transaction():
                for article_id in removed:
                    library.erase_versions(article_id)
        return Removed(name, removed, library.counts()[0])


def remove_all(
    settings: Settings,
    names: Sequence[str],
    *,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
    publishing: bool = True,
) -> Removed:
    """Remove several sources or articles, and publish the rest once.

    What is not known is passed over: a removal that was cut short can be done again. Without
    `publishing`, `catch_up` publishes the rest. The other arguments are those of `remove`, which
    says what is raised beside UsageError.
    """
    removed: list[str] = []
    with changing(settings, progress, waiting, models, load, publishing) as (library, _):
        for name in names:
            with suppress(UsageError):
                removed += _remove(library, name)
        return Removed(", ".join(names), removed, library.counts()[0])


def _remove(library: Library, name: str) -> list[str]:
    sources = list(library.sources.find_all(name))
    place = str(place_of(Path(name)))
    if len(sources) == 1:
        return _remove_source(library, sources[0])
    if len(sources) > 1:
        numbers = ", ".join(str(source.id) for source in sources)
        raise UsageError(f"{name}: several sources are named so; say which by number: {numbers}")
    if place in library.places():
        return forget_place(library, place).removed
    ids = [name] if library.stored(name) else [each for each, _ in library.ids_below(place)]
    if not ids:
        raise UsageError(
            f"{name}: no such source or article; `newsdesk sources` and `newsdesk list` name them"
        )
    with library.transaction():
        for article_id in ids:
            library.withdraw(article_id)
    return ids


def _remove_source(library: Library, source: Source) -> list[str]:
    if source.on_disk:
        if source.place in library.places():
            return forget_place(library, source.place).removed
        with library.transaction():
            library.sources.remove(source.id)
        return []
    ids = library.sources.only_of(source.id)
    with library.transaction():
        for article_id in ids:
            library.remove(article_id)
        library.sources.remove(source.id)
    return ids


def restore(
    settings: Settings,
    ids: Sequence[str],
    *,
    progress: Progress = lambda *_: None,
    waiting: Callable[[], None] = lambda: None,
    models: Path | None = None,
    load: Callable[[str], Encoder] | None = None,
) -> Removed:
    """Bring back articles that were removed, or whose file vanished, as they last were.

    Raises UsageError for an id of which nothing is kept, and what `remove` raises.
    """
    with changing(settings, progress, waiting, models, load) as (library, loader):
        storing = Storing(settings, library, loader.hash)
        for article_id in ids:
            _restore(library, storing, article_id)
        return Removed(", ".join(ids), list(ids), library.counts()[0])


def _restore(library: Library, storing: Storing, article_id: str) -> None:
    version = next(iter(library.versions(article_id)), None)
    if library.stored(article_id):
        raise UsageError(f"{article_id}: it is there; `newsdesk article {article_id}` shows it")
    if version is None:
        raise UsageError(
            f"{article_id}: nothing is kept of such an article, and no backup is named so"
        )
    article = version.article
    file = file_of(article.path)
    if is_file_path(file) and is_gone(file):
        article = replace(article, path=f"{RESTORED}{article.path}")
    with library.transaction():
        library.readmit(article_id)
        library.drop_file_state(file)
        storing.put(article)

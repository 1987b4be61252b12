"""LabelledStory weeks, such as tests/week/: articles, and what people say of them.

A folder with `articles*.jsonl` and `stories*.jsonl`; `stories-held-out.jsonl` is the part
"held-out". All articles are indexed together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from newsdesk.index.errors import DatasetError
from newsdesk.index.generation import open_current
from newsdesk.index.search.searcher import MODELS
from newsdesk.index.settings import Settings
from newsdesk.index.update import Progress, update

from .running import FOLDER

_TUNED = "tuned"


@dataclass(frozen=True, slots=True)
class LabelledStory:
    """A story as people see it."""

    id: str
    where: str  # file and line
    part: str
    topics: frozenset[str]
    articles: Mapping[str, tuple[str, ...]]  # article's id -> its sentences that tell the story
    updates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # … that tell what is new


class _StoryLine(msgspec.Struct, frozen=True):
    """A line of `stories*.jsonl`."""

    id: str
    topics: tuple[str, ...]
    articles: dict[str, tuple[str, ...]]
    updates: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class Week:
    """A labelled week."""

    name: str
    files: tuple[Path, ...]  # of articles
    stories: tuple[LabelledStory, ...]

    def of(self) -> dict[str, LabelledStory]:
        """The labelled story of each article, by the article's id."""
        return {article: story for story in self.stories for article in story.articles}


def load_week(folder: Path) -> Week:
    """Read a labelled week. Raises DatasetError."""
    folder = folder.resolve()
    files = sorted(folder.glob("articles*.jsonl"))
    labels = sorted(folder.glob("stories*.jsonl"))
    if not files or not labels:
        raise DatasetError(f"{folder}: needs articles*.jsonl and stories*.jsonl; see tests/week")
    stories = [story for file in labels for story in _stories(file)]
    _check(stories)
    return Week(folder.name, tuple(files), tuple(stories))


def index_week(week: Week, settings: Settings, progress: Progress) -> Settings:
    """Index a week in a library of its own, kept in the home. Returns settings that open it.

    Raises DatasetError for articles that cannot be read, and for labels that are not of them.
    """
    place = f"{week.name}-{hashlib.sha256(str(week.files).encode()).hexdigest()[:8]}"
    own = msgspec.structs.replace(settings, home=settings.home / FOLDER / place)
    report = update(own, week.files, progress, models=settings.home / MODELS)
    for refusal in report.refused:
        raise DatasetError(f"{refusal.path}: {refusal.reason}")
    _check_articles(week, own)
    return own


def _stories(file: Path) -> Iterable[LabelledStory]:
    part = file.stem.removeprefix("stories").strip("-") or _TUNED
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError as error:
        raise DatasetError(f"{file}: cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{file}, line {number}"
        try:
            record = msgspec.json.decode(line, type=_StoryLine)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise DatasetError(f"{where}: no labelled story: {error}") from error
        topics = frozenset(record.topics)
        yield LabelledStory(record.id, where, part, topics, record.articles, record.updates)


def _check(stories: Sequence[LabelledStory]) -> None:
    ids: dict[str, str] = {}
    articles: dict[str, str] = {}
    for story in stories:
        for seen, name in ((ids, story.id), *((articles, name) for name in story.articles)):
            if name in seen:
                raise DatasetError(f"{story.where}: {name!r} again, as in {seen[name]}")
            seen[name] = story.where
        if astray := story.updates.keys() - story.articles.keys():
            raise DatasetError(f"{story.where}: updates of {min(astray)!r}, not of its articles")


def _check_articles(week: Week, settings: Settings) -> None:
    generation = open_current(settings.home)
    for story in week.stories:
        for article_id, sentences in story.articles.items():
            article = generation.find(article_id)
            if article is None:
                raise DatasetError(f"{story.where}: no article {article_id!r}")
            for sentence in (*sentences, *story.updates.get(article_id, ())):
                if sentence not in article.text:
                    raise DatasetError(f"{story.where}: not in {article_id!r}: {sentence[:60]!r}")

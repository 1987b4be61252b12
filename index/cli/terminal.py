"""What people see: colour and tables in a terminal, plain lines when piped.

rich is imported when something is drawn with it, so that a script that wants JSON does not wait.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from newsdesk.index.settings import DEFAULT
from newsdesk.index.types import (
    Answer,
    Article,
    Citation,
    Collection,
    Sentence,
    Shown,
    Understanding,
    counted,
    place_in,
    stamp,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn, TaskID
    from rich.text import Text

    from newsdesk.index.brief import Brief, Story
    from newsdesk.index.update import Forgotten, Gone, Report
    from newsdesk.index.update import Progress as Watcher
    from newsdesk.index.update.shards import EncodingReport

    from .settings import Setting

_PIPED_WIDTH = 10_000  # lines are not folded for a program
_NAMED = 8  # ids that are listed of each kind
_LEAST_TITLE = 24  # columns; with less room a title stands on a line of its own
_LIT = "bold black on bright_yellow"
_MATCHED = "bold cyan"
_SURE = "bold"  # a sentence that is claimed to answer
_OPENING, _CLOSING = ">>", "<<"  # around the sentence that answers, where there is no colour


@cache
def console(stderr: bool = False) -> Console:
    """The terminal, or the file that output is sent to."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _PIPED_WIDTH
    return Console(stderr=stderr, width=width, highlight=False, markup=False, emoji=False)


class _Plain:
    """What stands in for the terminal where there is none: importing rich takes a while."""

    is_terminal = False

    def print(self, what: object = "", **_: object) -> None:
        """As rich's, without its styles."""
        print(what)


def _out() -> Console | _Plain:
    return console() if sys.stdout.isatty() else _Plain()


def say(line: str) -> None:
    """One line of news about the work itself, on stderr."""
    print(line, file=sys.stderr, flush=True)


def show_answer(answer: Answer, undo: str, alone: str = "", explain: bool = False) -> None:
    """How the question was understood, and the passages with their citations.

    `undo` says how to search without the filters in its words, `alone` how to ask it without the
    question before it.
    """
    out = _out()
    for note in _notes(answer.understood, undo, alone):
        out.print(note, style="italic")
    if answer.verdict == "none":
        out.print(f"I did not find this in {held(answer.collection)}.")
        if answer.no_match:
            out.print(answer.no_match.words)
    for number, sentence in enumerate(answer.sentences):
        out.print(_told(answer, sentence, is_first=not number, lit=out.is_terminal))
    if answer.sentence:
        out.print()
    if explain:
        out.print(_verdict(answer))
    if answer.verdict == "none" and not explain:
        return
    for shown in answer.passages:
        _show(out, shown, answer.sentences, explain)


def _told(answer: Answer, sentence: Sentence, is_first: bool, lit: bool) -> Text | str:
    """A sentence with the number of its passage; the verdict in words before the first."""
    label = f"{answer.label}: " if is_first else ""
    words, number = " ".join(sentence.text.split()), f" [{sentence.passage}]"
    if not lit:
        return f"{label}{words}{number}"
    from rich.text import Text

    return Text.assemble(
        (label, "italic"), (words, _SURE if answer.verdict == "answered" else ""), number
    )


def held(collection: Collection) -> str:
    """How many articles there are, and from when to when."""
    dates = " (from {} to {})".format(*collection.period) if collection.period else ""
    return f"{counted(collection.articles, 'article')}{dates}"


def _notes(understood: Understanding, undo: str, alone: str) -> Iterator[str]:
    if understood.carried:
        yield "; ".join(filter(None, (f"Understood with: {understood.carried}", alone)))
    if understood.kept:
        yield f"Only articles {', '.join(understood.kept)}; {undo}"
    yield from understood.notes


def _show(
    out: Console | _Plain, shown: Shown, sentences: Sequence[Sentence], explain: bool
) -> None:
    of_passage = [sentence for sentence in sentences if sentence.passage == shown.hit.rank]
    own = [sentence for sentence in of_passage if not sentence.in_title]
    out.print(_passage(shown, own, lit=out.is_terminal))
    for citation in (shown.citation, *shown.also):
        sentence = own[0] if own and citation is shown.citation else None
        out.print(cited(citation, sentence, lit=out.is_terminal))
        out.print(f"    {citation.link}", style="dim", soft_wrap=True)
    if explain:
        out.print(_explained(shown), style="dim")
    out.print()


def _passage(shown: Shown, sentences: Sequence[Sentence], lit: bool) -> Text | str:
    """A passage with the sentences that answer lit up, and matched words marked elsewhere."""
    passage = shown.hit.passage
    spans = sorted({(each.start - passage.start, each.end - passage.start) for each in sentences})
    if not lit:
        return _bracketed(passage.text, spans)
    from rich.text import Text

    text = Text(passage.text)
    for word in shown.highlights:
        text.stylize(_MATCHED, word.start - passage.start, word.end - passage.start)
    for start, end in spans:
        text.stylize(_LIT, start, end)
    return text


def _bracketed(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]}{_OPENING}{text[start:end]}{_CLOSING}{text[end:]}"
    return text


def cited(citation: Citation, sentence: Sentence | None = None, lit: bool = False) -> Text | str:
    """One line: number, title, author, source, date, and where the sentence or passage stands."""
    article = citation.article
    # Many articles name their source as their author too.
    parts = [*dict.fromkeys((article.author, article.source)), dated(article)]
    at = sentence or citation
    parts.append(place_in(article, at.start, at.paragraph))
    behind = "".join(f" · {part}" for part in parts if part)
    if not lit:
        return f"[{citation.number}] {article.title}{behind}"
    from rich.text import Text

    title = (article.title, f"bold link {citation.link}")
    return Text.assemble(f"[{citation.number}] ", title, behind)


def dated(article: Article) -> str:
    """An article's date as people read it; empty if it has none."""
    return stamp(article.published).replace("T", " ")


def _verdict(answer: Answer) -> str:
    made = ", ".join(f"{name} {value:.2f}" for name, value in answer.signals.items())
    return f"verdict: {answer.verdict}, probability {answer.probability:.3f} ({made})\n"


def _explained(shown: Shown) -> str:
    hit = shown.hit
    words = sorted(hit.matched.items(), key=lambda pair: -pair[1])
    matched = ", ".join(f"{term} {gain:.2f}" for term, gain in words) or "no word"
    scores = f"BM25 {hit.signals['bm25']:.3f}, dense {hit.signals['dense']:.3f}"
    scores += f", sentence {hit.signals['sentence']:.3f}"
    return f"    score {hit.score:.3f}: {scores}; matched: {matched}"


def show_brief(brief: Brief, explain: bool = False) -> None:
    """A briefing: each story with the sentences that tell it, their citations, its sources."""
    out = _out()
    query = brief.query
    period = f"{query.since:%Y-%m-%d %H:%M} to {query.until:%Y-%m-%d %H:%M}"
    about = f" about {query.topic.words!r}" if query.topic.words else ""
    if not brief.stories:
        out.print(f"Nothing new{about} from {period}, in {counted(brief.articles, 'article')}.")
        return
    out.print(f"{counted(len(brief.stories), 'story', 'stories')}{about}, {period}", style="bold")
    for number, story in enumerate(brief.stories, start=1):
        _show_story(out, number, story, explain)
    if brief.left_out:
        out.print(f"\n… and {counted(brief.left_out, 'more', 'more')}; --max shows them")


def _show_story(out: Console | _Plain, number: int, story: Story, explain: bool) -> None:
    update = "update: " if story.update_of else ""
    out.print(f"\n{number}. {update}{story.headline}", style="bold")
    for sentence in story.sentences:
        out.print(sentence.text)
        article = sentence.article
        behind = " · ".join(
            filter(None, (article.title, article.source or article.author, dated(article)))
        )
        out.print(
            f"    {behind} · {place_in(article, sentence.start, sentence.paragraph)}", style="dim"
        )
        out.print(f"    {sentence.link}", style="dim", soft_wrap=True)
    sources = ", ".join(story.sources) or "no outlet named"
    count = counted(len(story.articles), "article")
    first, last = stamp(story.first), stamp(story.last)
    times = first if first == last else f"{first} to {last}"
    out.print(f"    {count}: {sources} · {times.replace('T', ' ')}")
    if explain:
        parts = ", ".join(f"{name} {value:.2f}" for name, value in story.parts.items())
        ids = ", ".join(article.id for article in story.articles)
        out.print(f"    score {story.score:.3f}: {parts}; {ids}", style="dim")


def show_article(article: Article) -> None:
    """An article whole, with all that is known of it."""
    out = _out()
    out.print(article.title, style="bold")
    known = [*dict.fromkeys((article.author, article.source)), dated(article), article.id]
    out.print(" · ".join(part for part in known if part))
    out.print(article.url or article.path, style="dim", soft_wrap=True)
    if article.caption:
        out.print(f"\nPicture: {article.caption}", style="italic")
    out.print(f"\n{article.text}")


def show_report(report: Report) -> None:
    """What an update did: counts, some names, and why each refused file was refused."""
    out = _out()
    for kind in ("added", "changed", "removed", "unchanged"):
        ids: list[str] = getattr(report, kind)
        listed = _listed(ids) if kind != "unchanged" else ""
        out.print(f"{kind:<10}{len(ids):>7}{listed}", no_wrap=True, overflow="ellipsis")
    out.print(f"{'refused':<10}{len(report.refused):>7}")
    for refusal in report.refused:
        out.print(f"  {refusal.path}: {refusal.reason}", soft_wrap=True)
    for remark in report.remarks:
        out.print(f"  {remark.path}: {remark.reason}", soft_wrap=True)
    if report.kept:
        kept = counted(len(report.kept), "article")
        stay = "stays as it was" if len(report.kept) == 1 else "stay as they were"
        out.print(f"{kept} of refused files {stay}")
    for place in report.gone:
        out.print(gone_line(place), soft_wrap=True)
    if report.taken:
        out.print(f"{report.taken:,} vectors taken from files")
    if report.moved:
        moved = report.moved
        told = f"{moved.articles:,} articles, {moved.passages:,} passages"
        out.print(f"in Milvus: {told}; {moved.added:,} added, {moved.dropped:,} removed there")


def show_encoding(report: EncodingReport, file: Path) -> None:
    """What was written into a file of vectors."""
    out = _out()
    told = f"{report.encoded:,} encoded, {report.there:,} there before"
    others = f"; {report.others:,} are of other shards" if report.others else ""
    out.print(f"{file}: {told}{others}", soft_wrap=True)
    for refusal in report.refused:
        out.print(f"  refused {refusal.path}: {refusal.reason}", soft_wrap=True)


def gone_line(place: Gone) -> str:
    """That a folder has gone, what that means for its articles, and what to do."""
    count = counted(place.articles, "article stays", "articles stay")
    return (
        f"gone: {place.path}; its {count}. If it was moved, index its new place; then, or if it "
        f"is not coming back: newsdesk forget {shlex.quote(place.path)}"
    )


def show_forgotten(forgotten: Forgotten) -> None:
    """What was forgotten."""
    removed = counted(len(forgotten.removed), "article")
    _out().print(
        f"forgot {forgotten.path}: {removed} removed, {forgotten.left:,} left", soft_wrap=True
    )


def _listed(ids: Sequence[str]) -> str:
    more = f", and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"  {', '.join(ids[:_NAMED])}{more}" if ids else ""


def show_list(articles: Sequence[Article], matching: int) -> None:
    """Articles, one a line with tabs when piped, else in columns or on two lines each."""
    out = _out()
    if out.is_terminal:
        _show_columns(console(), articles)
    else:
        for article in articles:
            print(article.id, dated(article), article.source, _one_line(article.title), sep="\t")
    if len(articles) < matching:
        say(f"{len(articles):,} of {counted(matching, 'article')}; --limit 0 lists all")


def _show_columns(out: Console, articles: Sequence[Article]) -> None:
    from rich.cells import cell_len
    from rich.text import Text

    wide = max(cell_len(article.id) for article in articles)
    named = max(cell_len(article.source) for article in articles)
    room = out.width - wide - named - len("2021-12-10T08:00") - 3 * 2
    for article in articles:
        title = Text(_one_line(article.title), no_wrap=True, overflow="ellipsis", style="bold")
        if room < _LEAST_TITLE:
            facts = (article.id, dated(article), article.source)
            out.print("  ".join(filter(None, facts)), soft_wrap=True)
            out.print(Text("    ") + title, no_wrap=True, overflow="ellipsis")
            continue
        line = Text(f"{_padded(article.id, wide)}  {dated(article):<16}  ")
        line += Text(f"{_padded(article.source, named)}  ")
        out.print(line + title, no_wrap=True, overflow="ellipsis")


def _padded(text: str, width: int) -> str:
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def show_settings(listed: Sequence[Setting]) -> None:
    """Each setting with its value, and where that comes from with the default."""
    wide = max(len(setting.name) for setting in listed)
    for setting in listed:
        default = "" if setting.origin == DEFAULT else f"; default {_given(setting.default)}"
        origin = f"({setting.origin}{default})"
        _out().print(f"{setting.name:<{wide}}  {_given(setting.value)}  {origin}", soft_wrap=True)


def _given(value: object) -> str:
    """A value as it is written in the environment; empty ones are marked."""
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'


def show_facts(facts: Mapping[str, str]) -> None:
    """Names and values, one a line."""
    wide = max(map(len, facts))
    for name, value in facts.items():
        _out().print(f"{name:<{wide}}  {value}", soft_wrap=True)


def show_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table with numbers to the right; the first column holds names.

    Where it is wider than the terminal it is turned on its side, and where that is too wide as
    well, each row is a paragraph. No cell is ever cut.
    """
    width = console().width if sys.stdout.isatty() else _PIPED_WIDTH
    table = [list(header), *map(list, rows)]
    for lines in (_aligned(table), _aligned([list(row) for row in zip(*table, strict=True)])):
        if max(map(cell_width, lines)) <= width:
            break
    else:
        lines = _paragraphs(header, rows, width)
    out = _out()
    out.print(title, style="italic", soft_wrap=True)
    for line in lines:
        out.print(line, soft_wrap=True)
    out.print()


def _aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, the others to the right."""
    widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
    lines = []
    for first, *others in table:
        cells = [first + " " * (widths[0] - cell_width(first))]
        cells += [
            " " * (width - cell_width(cell)) + cell
            for cell, width in zip(others, widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _paragraphs(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """A paragraph for each row: its name, then its values with their labels, as many as fit."""
    lines = []
    for name, *values in rows:
        lines.append(name)
        line = ""
        for label, value in zip(header[1:], values, strict=True):
            piece = f"  {label} {value}".rstrip()
            if line and cell_width(line + piece) > width:
                lines.append(line)
                line = ""
            line += piece
        lines.append(line)
    return lines


def cell_width(text: str) -> int:
    """How many columns a text takes in a terminal."""
    from rich.cells import cell_len

    return cell_len(text)


@contextmanager
def watched() -> Iterator[Watcher]:
    """Show on stderr how far the work inside is: a bar for each step, with rate and time left.

    Where nobody watches, a line for each step.
    """
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    step, left = TextColumn("{task.description}"), TimeLeft(elapsed_when_finished=True)
    columns = (step, BarColumn(), MofNCompleteColumn(), _rate(), left)
    with Progress(*columns, console=console(stderr=True)) as progress:
        yield _bars(progress)


def _lines() -> Watcher:
    seen = set()

    def watch(step: str, done: int, total: int, /) -> None:
        if step not in seen:
            say(f"{step} {total or ''}".rstrip() + " …")
        seen.add(step)

    return watch


def _bars(progress: Progress) -> Watcher:
    tasks: dict[str, TaskID] = {}

    def watch(step: str, done: int, total: int, /) -> None:
        if step not in tasks:
            for begun in tasks.values():  # a step ends when the next one begins
                progress.update(begun, total=progress.tasks[begun].total or 1)
                progress.update(begun, completed=progress.tasks[begun].total)
            tasks[step] = progress.add_task(step, total=total or None)
        progress.update(tasks[step], completed=done, total=total or None)

    return watch


def _rate() -> ProgressColumn:
    from rich.progress import ProgressColumn
    from rich.progress import Task as Row
    from rich.text import Text as Words

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Row) -> Words:
            speed = task.finished_speed or task.speed
            return Words(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")

    return Rate()

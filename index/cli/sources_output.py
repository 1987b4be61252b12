"""What people and scripts see of sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsdesk.index.types import counted

from . import json_output, terminal

if TYPE_CHECKING:
    from newsdesk.index.library import Source
    from newsdesk.index.sync import (
        Added,
        BackupFacts,
        Checked,
        Exchanged,
        Outcome,
        Removed,
        SourceState,
        SyncReport,
    )

_NEVER = "never"


def of_source(state: SourceState) -> dict[str, Any]:
    """A source, for scripts; times are ISO 8601 in UTC."""
    source = state.source
    return {
        "id": source.id or None,
        "kind": source.kind,
        "place": source.place,
        "title": source.title or None,
        "url": None if source.on_disk else source.asked,
        "articles": state.articles,
        "success": _iso(source.success),
        "changed": _iso(source.changed),
        "tried": _iso(source.tried),
        "error": source.error or None,
        "failures": source.failures,
        "next_try": _iso(source.next_try),
        "retired": source.retired or None,
    }


def of_sync(report: SyncReport) -> dict[str, Any]:
    """What a sync did, for scripts."""
    return {
        **json_output.of_report(report.report),
        "sources": [_of_outcome(outcome) for outcome in report.outcomes],
        "waiting": [source.place for source in report.waiting],
    }


def _of_outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.source.id,
        "place": outcome.source.place,
        "added": outcome.added,
        "changed": outcome.changed,
        "error": outcome.error or None,
        "retired": outcome.retired,
    }


def of_added(added: Added) -> dict[str, Any]:
    """What was added, for scripts."""
    fields = {
        "sources": [_named(source) for source in added.sources],
        "known": [_named(source) for source in added.known],
        "failed": added.failed,
        "files": json_output.of_report(added.report),
    }
    return fields | ({"sync": of_sync(added.synced)} if added.synced else {})


def _named(source: Source) -> dict[str, Any]:
    return {"id": source.id, "kind": source.kind, "place": source.place}


def of_removed(removed: Removed, done: str) -> dict[str, Any]:
    """What was removed or restored, for scripts."""
    return {"name": removed.name, done: removed.articles, "articles": removed.left}


def of_exchanged(done: Exchanged, folder: Path) -> dict[str, Any]:
    """How much was exported or imported, and where."""
    return {
        "articles": done.articles,
        "versions": done.versions,
        "sources": done.sources,
        "folder": str(folder),
    }


def of_backup(facts: BackupFacts) -> dict[str, Any]:
    """What a backup holds, for scripts."""
    return {
        "file": facts.file,
        "made": facts.made,
        "articles": facts.articles,
        "passages": facts.passages,
        "bytes": facts.bytes,
        "files": {
            name: {"bytes": given["bytes"], "sha256": given["sha256"]}
            for name, given in facts.files.items()
        },
    }


def show_backup(facts: BackupFacts, what: str) -> None:
    """What a backup holds."""
    files = sorted({name.partition("/")[0] for name in facts.files})
    print(
        f"{what}: {facts.articles:,} articles, {facts.passages:,} passages, "
        f"{facts.bytes / 1e6:,.1f} MB ({', '.join(files)}), of {facts.made}"
    )


def of_checked(checked: Checked) -> dict[str, Any]:
    """What was verified, and what is wrong, for scripts."""
    return {
        "articles": checked.articles,
        "passages": checked.passages,
        "vectors": checked.vectors,
        "versions": checked.versions,
        "beside": list(checked.companions),
        "flaws": [{"what": flaw.what, "mend": flaw.mend} for flaw in checked.flaws],
    }


def show_checked(checked: Checked) -> None:
    """What was verified, and what is wrong with how to mend it."""
    print(
        f"{counted(checked.articles, 'article')}, {counted(checked.passages, 'passage')}, "
        f"{counted(checked.vectors, 'vector')}, {counted(checked.versions, 'former version')}"
        + "".join(f", {name}" for name in checked.companions)
    )
    for flaw in checked.flaws:
        print(f"{flaw.what}\n    {flaw.mend}")
    print(counted(len(checked.flaws), "flaw") if checked.flaws else "all is well")


def show_sources(states: Sequence[SourceState]) -> None:
    """Two lines a source: what it is, and how it went."""
    if not states:
        print("no sources; `newsdesk add FILE|URL|FEED` adds one")
    for state in states:
        source = state.source
        number = str(source.id) if source.id else "-"
        print(f"{number:>3}  {source.kind:<7}  {source.title or source.place}")
        facts = [source.place] if source.title else []
        facts += [counted(state.articles, "article"), f"success {_moment(source.success)}"]
        if source.url:
            facts.append(f"moved to {source.url}")
        print(f"     {' · '.join(facts)}")
        if source.retired:
            print(f"     retired: {source.retired}")
        elif source.error:
            again = f"; tried again {_moment(source.next_try)}" if source.next_try else ""
            print(f"     error {_moment(source.tried)}: {source.error}{again}")


def of_currency(states: Sequence[SourceState]) -> dict[str, Any]:
    """How current the library is, for scripts."""
    asked = _asked(states)
    successes = [source.success for source in asked if source.success]
    return {
        "sources": len(states),
        "failing": sum(bool(source.error) for source in asked),
        "retired": sum(bool(state.source.retired) for state in states),
        "oldest_success": _iso(min(successes, default=0)),
        "newest_success": _iso(max(successes, default=0)),
    }


def currency(states: Sequence[SourceState]) -> str:
    """How current the library is: of which sources, since when, and how many fail."""
    asked = _asked(states)
    if not asked:
        return "no sources; `newsdesk add` adds one"
    failing = sum(bool(source.error) for source in asked)
    failed = f"; {failing:,} failing (`newsdesk sources`)" if failing else ""
    return f"{counted(len(asked), 'source')}, {_read(asked)}{failed}"


def _read(asked: Sequence[Source]) -> str:
    """Since when all of some sources were read, but for those that never were."""
    successes = [source.success for source in asked if source.success]
    never = len(asked) - len(successes)
    if not successes:
        return "none read yet"
    since = _moment(min(successes))
    return f"{never:,} never read, the others since {since}" if never else f"all since {since}"


def _asked(states: Sequence[SourceState]) -> list[Source]:
    """The sources that are asked for news; channels bring theirs, when they have any."""
    every = [state.source for state in states]
    return [source for source in every if not source.retired and source.kind != "channel"]


def show_added(added: Added) -> None:
    """What was added, and what became of it."""
    for source in added.sources:
        print(f"added {source.kind} {source.place}")
    for source in added.known:
        print(f"known {source.kind} {source.place}")
    for name, reason in added.failed.items():
        print(f"not added {name}: {reason}")
    if added.report.added or added.report.unchanged or added.report.refused:
        terminal.show_report(added.report)
    if added.synced:
        show_sync(added.synced)


def show_removed(removed: Removed, done: str) -> None:
    """What was removed or restored."""
    count = counted(len(removed.articles), "article")
    print(f"{removed.name}: {count} {done}, {removed.left:,} in the library")


def show_sync(report: SyncReport) -> None:
    """What a sync did with the articles, and which sources failed."""
    terminal.show_report(report.report)
    failed = [outcome for outcome in report.outcomes if outcome.error]
    asked = f"asked {counted(len(report.outcomes), 'feed or page', 'feeds and pages')}"
    if report.outcomes:
        print(f"{asked}; {len(failed):,} failed")
    for outcome in failed:
        print(f"  {outcome.source.place}: {outcome.error}")
    if report.waiting:
        print(f"{len(report.waiting):,} not asked yet after a failure; --now asks them too")


def say_round(report: SyncReport) -> None:
    """One line about a round of watching, if there is anything to say."""
    articles, failed = report.report, [each for each in report.outcomes if each.error]
    counts = {
        "added": len(articles.added),
        "changed": len(articles.changed),
        "removed": len(articles.removed),
        "refused": len(articles.refused),
    }
    lines = [f"{count:,} {name}" for name, count in counts.items() if count]
    lines += [f"{counted(len(failed), 'source')} failed"] if failed else []
    told = ", ".join(lines)
    if told:
        terminal.say(f"{datetime.now():%H:%M:%S} {told}")


def _iso(seconds: float) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds") if seconds else None


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds):%Y-%m-%d %H:%M}" if seconds else _NEVER

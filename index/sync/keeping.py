"""Keeping what a source gave: its articles first, and then what tells that they were read."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from newsdesk.index.library import IN_ONE_TRANSACTION, Entry, Library, Source
from newsdesk.index.net import FetchFailed, Reply
from newsdesk.index.settings import Net, Settings
from newsdesk.index.update import Report, Storing, decide

from . import replies
from .pulling import Pulled
from .replies import Given


@dataclass(slots=True)
class Outcome:
    """How it went with one source."""

    source: Source
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    error: str = ""
    retired: bool = False


class Keeper:
    """Stores what sources give; `model` is the hash of the model that will encode it."""

    def __init__(self, settings: Settings, library: Library, model: str) -> None:
        self._library, self._net = library, settings.net
        self._storing = Storing(settings, library, model)
        self._withdrawn = library.withdrawn()

    def keep(self, pulled: Pulled, report: Report) -> Outcome:
        """Store what a source gave, and how it went; adds to `report`."""
        outcome = Outcome(pulled.source)
        now = time.time()
        if not self._library.sources.has(pulled.source.id):  # removed while it was fetched
            return outcome
        if pulled.error:
            outcome.error = str(pulled.error)
            outcome.retired = pulled.error.gone
            fields = failed(pulled.source, pulled.error, self._net, now)
        else:
            self._articles(pulled, outcome, report)
            fields = succeeded(pulled, bool(outcome.added or outcome.changed), now)
        with self._library.transaction():
            self._library.sources.update(pulled.source.id, fields)
        return outcome

    def _articles(self, pulled: Pulled, outcome: Outcome, report: Report) -> None:
        known = self._library.sources.entries(pulled.source.id)
        new = [each for each in pulled.given if _is_new(each, known.get(each.article.id))]
        seen = {each.article.id for each in pulled.given}
        fresh = {each.article.id for each in new}
        report.unchanged += sorted(seen - fresh)
        for start in range(0, len(new), IN_ONE_TRANSACTION):
            batch = new[start : start + IN_ONE_TRANSACTION]
            with self._library.transaction():
                actions = [self._put(pulled.source, each) for each in batch]
            for each, action in zip(batch, actions, strict=True):
                getattr(report, action).append(each.article.id)
                if action != "unchanged":
                    getattr(outcome, action).append(each.article.id)

    def _put(self, source: Source, given: Given) -> str:
        """Store an article unless another source gave it first, or it was removed by hand."""
        article = given.article
        stored = self._library.stored(article.id)
        owner = self._library.sources.owner(article.id)
        entry = Entry(article.id, article.id, given.digest)
        self._library.sources.put_entry(source.id, entry)
        if article.id in self._withdrawn or (stored and owner not in (None, source.id)):
            return "unchanged"
        action = decide(stored, article, self._storing.split)
        if action == "moved":
            self._library.move(article.id, article.path)
            return "unchanged"
        if action != "unchanged":
            self._storing.put(article)
        return action


def _is_new(given: Given, entry: Entry | None) -> bool:
    return entry is None or entry.digest != given.digest


def succeeded(pulled: Pulled, brought: bool, now: float) -> dict[str, object]:
    """What is noted of a source that answered."""
    reply = pulled.reply
    fields: dict[str, object] = {"tried": now, "success": now, "error": "", "failures": 0}
    fields["next_try"] = 0.0
    if reply is None:
        return fields
    if reply.permanent != pulled.source.asked:
        fields["url"] = reply.permanent
    if brought:
        fields["changed"] = now
    if pulled.complete:
        fields |= _validators(reply)
        if not reply.unchanged:
            fields["digest"] = replies.body_digest(reply)
    return fields


def _validators(reply: Reply) -> dict[str, object]:
    """ETag and Last-Modified; a reply that says "unchanged" may leave them out."""
    names = {"etag": "etag", "modified": "last-modified"}
    given = {field: reply.headers.get(name, "") for field, name in names.items()}
    return {name: value for name, value in given.items() if value or not reply.unchanged}


def failed(source: Source, error: FetchFailed, net: Net, now: float) -> dict[str, object]:
    """What is noted of a source that failed: when it is tried again, or that it is not."""
    pause = min(net.pause * 60 * 2.0 ** min(source.failures, 30), net.most_pause * 3600)
    fields: dict[str, object] = {"tried": now, "error": str(error)}
    fields |= {"failures": source.failures + 1, "next_try": now + max(pause, error.wait)}
    if error.gone:
        fields["retired"] = f"{error}; its articles stay"
    return fields


def is_due(source: Source, now: float) -> bool:
    """Whether a source is to be asked; a pause that a wrong clock made too long counts no more."""
    if source.retired or not source.on_network:
        return False
    return source.next_try <= now or source.tried > now

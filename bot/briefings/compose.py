"""Makes a chat's briefing out of what the library holds and what the chat was told before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsdesk.bot.context import Context
from newsdesk.bot.store.database import new_key
from newsdesk.bot.store.models import Follow, KeptBrief, KeptStory, Plan
from newsdesk.bot.views import briefings
from newsdesk.index.brief import Brief, BriefQuery, Story

from .plans import follows_of
from .schedule_grammar import longest_wait

DAY = timedelta(days=1)
_MOST = 300  # stories of a briefing, on all its pages
_HOUR = 3600.0


@dataclass(slots=True)
class _Placed:
    """A story below the topic that tells it, and what counts as told with it."""

    name: str
    story: Story
    marks: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a briefing is to hold."""

    chat: int
    topic: int
    since: datetime
    until: datetime
    got_since: datetime | None = None
    repeat: bool = False


async def of_plan(context: Context, plan: Plan, now: float, notes: Sequence[str]) -> KeptBrief:
    """What is new for a chat since its last briefing; no pages where there is nothing.

    New is what the library got since the first briefing was due, has not been told, and came out
    within the days that are set: what comes late is told, and what found no room comes again.
    """
    asked = await _asked(context, plan, now)
    begins = datetime.fromtimestamp(_since(plan, now), asked.until.tzinfo)
    since = max(begins, asked.since)
    follows = await follows_of(context, plan.chat, plan.topic) or [Follow()]
    briefs = [(follow, await _brief(context, asked, follow)) for follow in follows]
    kept = await _kept(context, asked, briefs, since, notes)
    kept.due, kept.loud, kept.begun = plan.due or now, plan.loud, _begun(plan, now)
    if not kept.stories and plan.all_quiet:
        kept.pages = [briefings.nothing(_title(follows), since, asked.until, notes)]
    return kept


async def preview(context: Context, plan: Plan, follows: Sequence[Follow]) -> list[str]:
    """The headlines that a briefing on some topics would hold now, in its order."""
    asked = await _asked(context, plan, context.clock())
    briefs = [(follow, await _brief(context, asked, follow)) for follow in follows or [Follow()]]
    return [placed.story.headline for placed in _shared_out(_once(briefs), briefings.PER_PAGE)]


async def _asked(context: Context, plan: Plan, now: float) -> _Asked:
    until = datetime.fromtimestamp(now, ZoneInfo(await context.zone(plan.chat)))
    got_since = datetime.fromtimestamp(_begun(plan, now), UTC)
    return _Asked(plan.chat, plan.topic, until - _bound(context, plan), until, got_since)


def _bound(context: Context, plan: Plan) -> timedelta:
    """How far back a briefing goes: the days that are set, or to the one before a weekly one."""
    days, wait = context.settings.telegram.briefing_days, longest_wait(plan.hours)
    return timedelta(days=max(days, wait + 1.0) if wait > 1 else days)


def _since(plan: Plan, now: float) -> float:
    """The moment since which a chat has been told nothing, in seconds since 1970."""
    if plan.covered:
        return min(plan.covered, now - 1)
    # Not a day before now where one was missed: what that would have told was told nowhere else.
    return min(plan.missed or now, now) - DAY.total_seconds()


def _begun(plan: Plan, now: float) -> float:
    """The moment since which a chat is to be told what the library gets, in seconds since 1970.

    On the hour: chats that began together then share what is made for them.
    """
    day = DAY.total_seconds()
    begun = plan.begun or (plan.covered - day if plan.covered else _since(plan, now))
    return min(begun, now - day) // _HOUR * _HOUR


async def at_once(
    context: Context,
    chat: int,
    topic: int,
    follows: Sequence[Follow],
    since: datetime,
    until: datetime,
) -> KeptBrief:
    """What came out in a period, whether it was told before or not."""
    asked = _Asked(chat, topic, since, until, repeat=True)
    briefs = [(follow, await _brief(context, asked, follow)) for follow in follows]
    kept = await _kept(context, asked, briefs, since, ())
    if not kept.stories:
        kept.pages = [briefings.nothing(_title(follows), since, until)]
    return kept


async def _brief(context: Context, asked: _Asked, follow: Follow) -> Brief:
    """The stories of a period that fit a topic; what the chat knows only if `repeat`."""
    place = asked.chat, asked.topic
    known, plan = await context.store.read(
        lambda store: (store.briefings.told(*place), store.briefings.plan(*place))
    )
    since, until = asked.since.astimezone(UTC), asked.until.astimezone(UTC)
    query = BriefQuery(
        follow.of, since, until, _MOST, known, asked.repeat, plan.less, asked.got_since
    )
    return await context.asker.brief(query)


async def _kept(
    context: Context,
    asked: _Asked,
    briefs: Sequence[tuple[Follow, Brief]],
    since: datetime,
    notes: Sequence[str],
) -> KeptBrief:
    groups = _once(briefs)
    per_page = max(briefings.PER_PAGE, len(groups))
    ordered = _shared_out(groups, per_page)
    stories = ordered[:_MOST]
    title = _title([follow for follow, _ in briefs])
    zone = await context.zone(asked.chat)
    pages = briefings.overview(
        title,
        since,
        asked.until,
        [(placed.name, placed.story) for placed in stories],
        notes,
        per_page,
        len(ordered) - len(stories) + sum(brief.left_out for _, brief in briefs),
    )
    return KeptBrief(
        key=new_key(),
        chat=asked.chat,
        topic=asked.topic,
        made=context.clock(),
        until=asked.until.timestamp(),
        pages=pages,
        stories=[_story(placed, zone, n) for n, placed in enumerate(stories, start=1)],
        seen={follow.name: _nothing_new(brief) for follow, brief in briefs},
        per_page=per_page,
    )


def _once(briefs: Sequence[tuple[Follow, Brief]]) -> list[list[_Placed]]:
    """Each topic's stories, each story once: below the first topic of words that it fits.

    A topic of all the news comes after those of words, or it would leave them nothing.
    """
    told_by: dict[str, _Placed] = {}  # article -> the story that tells it
    groups: dict[str, list[_Placed]] = {follow.name: [] for follow, _ in briefs}
    for follow, brief in sorted(briefs, key=lambda pair: not pair[0].words):
        for story in brief.stories:
            ids = {article.id for article in story.articles}
            placed = next((told_by[each] for each in ids if each in told_by), None)
            if placed is None:
                placed = _Placed(follow.name, story)
                groups[follow.name].append(placed)
            placed.marks |= ids
            told_by |= dict.fromkeys(ids, placed)
    return [group for group in groups.values() if group]


def _shared_out(groups: Sequence[Sequence[_Placed]], per_page: int) -> list[_Placed]:
    """All stories in the order of pages on which every topic that has stories left has room."""
    left = [list(group) for group in groups]
    ordered: list[_Placed] = []
    while any(left):
        counts = [0] * len(left)
        while sum(counts) < per_page and any(map(_has_more, left, counts)):
            for place, group in enumerate(left):
                if sum(counts) < per_page and _has_more(group, counts[place]):
                    counts[place] += 1
        for group, count in zip(left, counts, strict=True):
            ordered += group[:count]
            del group[:count]
    return ordered


def _has_more(group: Sequence[_Placed], count: int) -> bool:
    return len(group) > count


def _nothing_new(brief: Brief) -> list[str]:
    """The articles that fit and tell nothing that is new.

    None where stories were left out: which articles are theirs is not known, so all come again.
    """
    if brief.left_out:
        return []
    of_stories = {article.id for story in brief.stories for article in story.articles}
    return [article for article in brief.seen if article not in of_stories]


def _story(placed: _Placed, zone: str, number: int) -> KeptStory:
    story = placed.story
    articles = (*story.before, *(article.id for article in story.articles))
    page = briefings.story(story, zone, number)
    return KeptStory(
        story.headline,
        page,
        articles,
        placed.name,
        marks=tuple(sorted(placed.marks)),
        sentence=story.sentences[0].text,
    )


def _title(follows: Sequence[Follow]) -> str:
    return " · ".join(follow.name for follow in follows if follow.name)

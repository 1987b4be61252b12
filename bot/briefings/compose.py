"""Makes a chat's briefing out of what the library holds and what the chat was told before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from newsdesk.bot.context import Context
from newsdesk.bot.store.models import Follow, KeptBrief, KeptStory, Plan
from newsdesk.bot.views import briefings
from newsdesk.index.brief import Brief, BriefQuery, Story

from .schedule_grammar import next_due

MOST = 28  # stories of a briefing, on four pages; as many again for each that joins it
DAY = timedelta(days=1)
# Articles may come into the library later than they came out: a briefing also looks at the day
# before the last one, and leaves out what that one has seen.
_LATE = timedelta(days=1)
_LONGEST = timedelta(days=7)  # that a briefing goes back, however long the bot was away


async def of_plan(context: Context, plan: Plan, now: float, notes: Sequence[str]) -> KeptBrief:
    """What is new for a chat since its last briefing; no pages where there is nothing."""
    zone = ZoneInfo(context.zone(plan.chat))
    until = datetime.fromtimestamp(now, zone)
    since = max(datetime.fromtimestamp(_since(plan, now), zone), until - _LONGEST)
    follows = context.store.briefings.follows(plan.chat, plan.topic) or [Follow()]
    start = since - _LATE if plan.covered else since
    most = MOST * _joined(plan, context.zone(plan.chat))
    found = [
        (one, await _asked(context, plan.chat, plan.topic, one, start, until, False, most))
        for one in follows
    ]
    kept = _kept(context, plan.chat, plan.topic, found, (since, until), notes, most)
    kept.due, kept.loud = plan.due or now, plan.loud
    if not kept.stories and plan.all_quiet:
        kept.pages = [briefings.nothing(_title(follows), since, until, notes)]
    return kept


def _since(plan: Plan, now: float) -> float:
    """From when on a chat was told nothing, in seconds since 1970."""
    if plan.covered:
        return min(plan.covered, now - 1)
    # Not a day before now where one was missed: what that would have told was told nowhere else.
    return min(plan.missed or now, now) - DAY.total_seconds()


def _joined(plan: Plan, zone: str) -> int:
    """How many briefings are told as one: this one, and those before it that were not sent."""
    count, due = 1, plan.missed
    while due and plan.due and (due := next_due(plan.hours, zone, due)) <= plan.due:
        count += 1
    return min(count, 1 + _LONGEST.days)


async def at_once(
    context: Context,
    chat: int,
    topic: int,
    follows: Sequence[Follow],
    since: datetime,
    until: datetime,
) -> KeptBrief:
    """What came out in a period, whether it was told before or not."""
    found = [
        (one, await _asked(context, chat, topic, one, since, until, True, MOST)) for one in follows
    ]
    kept = _kept(context, chat, topic, found, (since, until), (), MOST)
    if not kept.stories:
        kept.pages = [briefings.nothing(_title(follows), since, until)]
    return kept


async def _asked(
    context: Context,
    chat: int,
    topic: int,
    follow: Follow,
    since: datetime,
    until: datetime,
    repeat: bool,
    most: int,
) -> Brief:
    known = context.store.briefings.told(chat, topic, follow.name)
    less = context.store.briefings.plan(chat, topic).less
    query = BriefQuery(
        follow.of, since.astimezone(UTC), until.astimezone(UTC), most, known, repeat, less
    )
    return await context.asker.brief(query)


def _kept(
    context: Context,
    chat: int,
    topic: int,
    found: Sequence[tuple[Follow, Brief]],
    period: tuple[datetime, datetime],
    notes: Sequence[str],
    most: int,
) -> KeptBrief:
    stories = _once([(follow.name, one) for follow, brief in found for one in brief.stories])[:most]
    title = _title([follow for follow, _ in found])
    zone = context.zone(chat)
    return KeptBrief(
        key=context.store.new_key(),
        chat=chat,
        topic=topic,
        made=context.clock(),
        until=period[1].timestamp(),
        pages=briefings.overview(title, *period, stories, notes),
        stories=[_story(name, one, zone, n) for n, (name, one) in enumerate(stories, start=1)],
        seen={follow.name: list(brief.seen) for follow, brief in found},
        per_page=briefings.PER_PAGE,
    )


def _once(stories: Sequence[tuple[str, Story]]) -> list[tuple[str, Story]]:
    """Stories, each under the first of the topics that it fits."""
    known: set[str] = set()
    found = []
    for name, one in stories:
        articles = {article.id for article in one.articles}
        if known.isdisjoint(articles):
            found.append((name, one))
        known |= articles
    return found


def _story(name: str, one: Story, zone: str, number: int) -> KeptStory:
    articles = (*one.before, *(article.id for article in one.articles))
    return KeptStory(one.headline, briefings.story(one, zone, number), articles, name)


def _title(follows: Sequence[Follow]) -> str:
    return " · ".join(one.name for one in follows if one.name)

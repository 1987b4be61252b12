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
    briefs = [
        (follow, await _brief(context, plan.chat, plan.topic, follow, start, until, False, most))
        for follow in follows
    ]
    kept = _kept(context, plan.chat, plan.topic, briefs, (since, until), notes, most)
    kept.due, kept.loud = plan.due or now, plan.loud
    if not kept.stories and plan.all_quiet:
        kept.pages = [briefings.nothing(_title(follows), since, until, notes)]
    return kept


def _since(plan: Plan, now: float) -> float:
    """The moment since which a chat has been told nothing, in seconds since 1970."""
    if plan.covered:
        return min(plan.covered, now - 1)
    # Not a day before now where one was missed: what that would have told was told nowhere else.
    return min(plan.missed or now, now) - DAY.total_seconds()


def _joined(plan: Plan, zone: str) -> int:
    """How many briefings are told as one: this one, and those before it that were not sent."""
    count, due, most = 1, plan.missed, 1 + _LONGEST.days
    while due and count < most and (due := next_due(plan.hours, zone, due)) <= (plan.due or 0.0):
        count += 1
    return count


async def at_once(
    context: Context,
    chat: int,
    topic: int,
    follows: Sequence[Follow],
    since: datetime,
    until: datetime,
) -> KeptBrief:
    """What came out in a period, whether it was told before or not."""
    briefs = [
        (follow, await _brief(context, chat, topic, follow, since, until, True, MOST))
        for follow in follows
    ]
    kept = _kept(context, chat, topic, briefs, (since, until), (), MOST)
    if not kept.stories:
        kept.pages = [briefings.nothing(_title(follows), since, until)]
    return kept


async def _brief(
    context: Context,
    chat: int,
    topic: int,
    follow: Follow,
    since: datetime,
    until: datetime,
    repeat: bool,
    most: int,
) -> Brief:
    """The stories of a period that fit a topic; what the chat knows only if `repeat`."""
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
    briefs: Sequence[tuple[Follow, Brief]],
    period: tuple[datetime, datetime],
    notes: Sequence[str],
    most: int,
) -> KeptBrief:
    every = [(follow.name, story) for follow, brief in briefs for story in brief.stories]
    stories = _once(every)[:most]
    title = _title([follow for follow, _ in briefs])
    zone = context.zone(chat)
    return KeptBrief(
        key=context.store.new_key(),
        chat=chat,
        topic=topic,
        made=context.clock(),
        until=period[1].timestamp(),
        pages=briefings.overview(title, *period, stories, notes),
        stories=[_story(*story, zone, n) for n, story in enumerate(stories, start=1)],
        seen={follow.name: list(brief.seen) for follow, brief in briefs},
        per_page=briefings.PER_PAGE,
    )


def _once(stories: Sequence[tuple[str, Story]]) -> list[tuple[str, Story]]:
    """Stories, each under the first of the topics that it fits."""
    known: set[str] = set()
    kept = []
    for name, story in stories:
        articles = {article.id for article in story.articles}
        if known.isdisjoint(articles):
            kept.append((name, story))
        known |= articles
    return kept


def _story(name: str, story: Story, zone: str, number: int) -> KeptStory:
    articles = (*story.before, *(article.id for article in story.articles))
    return KeptStory(story.headline, briefings.story(story, zone, number), articles, name)


def _title(follows: Sequence[Follow]) -> str:
    return " · ".join(follow.name for follow in follows if follow.name)

"""How good briefings are, measured on a labelled week such as tests/week/.

All articles are indexed together, and every part is measured by its own stories.

A story as we make it stands for the labelled story that most of its articles belong to.
B-cubed: Bagga and Baldwin, "Algorithms for Scoring Coreference Chains", 1998, over articles.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from newsdesk.index.brief import Brief, Briefer, BriefQuery, Story, StorySentence, Topic, moment
from newsdesk.index.errors import DatasetError
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings

from .weeks import LabelledStory, Week

Measures = dict[str, float | None]

_DAY = timedelta(days=1)
_ALL = 1_000_000


def measure_week(week: Week, settings: Settings, models: Path) -> dict[str, Measures]:
    """The measures of each part of a week that `index_week` has indexed."""
    with Searcher(settings, models=models) as searcher:
        return measured(week, Briefer(searcher))


def measured(week: Week, briefer: Briefer) -> dict[str, Measures]:
    """The same, of a library that is open."""
    whole = briefer.brief(_query(week, briefer, Topic()))
    topics = sorted({topic for story in week.stories for topic in story.topics})
    on_topic = {topic: briefer.brief(_query(week, briefer, Topic(topic))) for topic in topics}
    daily = list(_daily(week, briefer))
    parts = list(dict.fromkeys(story.part for story in week.stories))
    return {
        part: {
            **_b_cubed(week, whole.stories, part),
            **_topic_measures(week, on_topic, part),
            "telling": _share(_chosen_rightly(week, whole.stories, part)),
            **_update_measures(week, daily, part),
        }
        for part in parts
    }


def _period(briefer: Briefer) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    days = briefer.period()
    if days is None:
        raise DatasetError("no article of the week has a date")
    first, last = (moment(day) for day in days)
    return first, last + _DAY


def _query(week: Week, briefer: Briefer, topic: Topic) -> BriefQuery:
    since, until = _period(briefer)
    return BriefQuery(topic, since, until, _ALL, known=frozenset())


def _daily(week: Week, briefer: Briefer) -> Iterable[Brief]:
    """A briefing at the end of each day, of everything that was not told before."""
    since, until = _period(briefer)
    known: set[str] = set()
    while since < until:
        query = BriefQuery(Topic(), since, since + _DAY, _ALL, frozenset(known), repeat=False)
        brief = briefer.brief(query)
        yield brief
        known.update(brief.seen)
        since += _DAY


def _label_of(story: Story, of: Mapping[str, LabelledStory]) -> LabelledStory | None:
    counted = Counter(of[article.id].id for article in story.articles if article.id in of)
    if not counted:
        return None
    best = counted.most_common(1)[0][0]
    return next(
        of[article.id]
        for article in story.articles
        if article.id in of and of[article.id].id == best
    )


def _b_cubed(week: Week, stories: Sequence[Story], part: str) -> Measures:
    of = week.of()
    ours = {article.id: n for n, story in enumerate(stories) for article in story.articles}
    members: dict[int, set[str]] = defaultdict(set)
    for article, number in ours.items():
        members[number].add(article)
    precision, recall = [], []
    for article, story in of.items():
        if story.part != part:
            continue
        together = members[ours[article]] if article in ours else {article}
        right = len(together & story.articles.keys())
        precision.append(right / len(together))
        recall.append(right / len(story.articles))
    p, r = _share(precision), _share(recall)
    f1 = 2 * p * r / (p + r) if p and r else None
    return {"stories P": p, "stories R": r, "stories F1": f1}


def _topic_measures(week: Week, on_topic: Mapping[str, Brief], part: str) -> Measures:
    of, right, covered = week.of(), [], set()
    for topic, brief in on_topic.items():
        for story in brief.stories:
            labelled = _label_of(story, of)
            if labelled and labelled.part == part:
                right.append(topic in labelled.topics)
                covered.add((topic, labelled.id))
    wanted = [
        (topic, story.id) in covered
        for story in week.stories
        if story.part == part
        for topic in story.topics
    ]
    return {"topic P": _share(right), "topic R": _share(wanted)}


def _chosen_rightly(week: Week, stories: Sequence[Story], part: str) -> list[bool]:
    of = week.of()
    return [
        _is_marked(story.sentences[0], labelled.articles)
        for story in stories
        if (labelled := _label_of(story, of)) and labelled.part == part
    ]


def _update_measures(week: Week, daily: Sequence[Brief], part: str) -> Measures:
    """Of stories that moved on: told again at all, by what is new; and of those that did not."""
    of = week.of()
    new_sentence, retold, idle = [], [], []
    earlier: set[str] = set()
    for brief in daily:
        moved = {
            story.id: story for story in week.stories if story.part == part and story.id in earlier
        }
        own = [(story, _label_of(story, of)) for story in brief.stories]
        updates = {label.id: story for story, label in own if label and story.update_of}
        for name, labelled in moved.items():
            fresh = _of_day(labelled, brief, of)
            if not fresh:
                continue
            if fresh & labelled.updates.keys():
                retold.append(any(label and label.id == name for _, label in own))
                if name in updates:
                    new_sentence.append(_is_marked(updates[name].sentences[0], labelled.updates))
            else:
                idle.append(name in updates)
        earlier |= {label.id for _, label in own if label}
    return {
        "update told": _share(new_sentence),
        "moved on, told": _share(retold),
        "idle, told": _share(idle),
    }


def _of_day(story: LabelledStory, brief: Brief, of: Mapping[str, LabelledStory]) -> set[str]:
    """The articles of a labelled story that came out in a briefing's period."""
    return {article for article in brief.period if article in of and of[article].id == story.id}


def _is_marked(sentence: StorySentence, marked: Mapping[str, tuple[str, ...]]) -> bool:
    return any(
        sentence.text in marked_sentence or marked_sentence in sentence.text
        for marked_sentence in marked.get(sentence.article.id, ())
    )


def _share(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

"""The JSON that scripts rely on, for `--json`. Offsets are code points in the article's text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from newsdesk.index.types import (
    Answer,
    Article,
    Citation,
    NoMatch,
    Sentence,
    Shown,
    Understanding,
    stamp,
)

if TYPE_CHECKING:
    from newsdesk.index.brief import Brief, Story
    from newsdesk.index.evaluate import Comparison, Dataset, GateCheck, Kind, Run
    from newsdesk.index.generation import Generation
    from newsdesk.index.update import Forgotten, Report
    from newsdesk.index.update.shards import EncodingReport

    from .settings import Setting

Object = dict[str, Any]


def of_answer(answer: Answer, explain: bool = False) -> Object:
    """An answer; `explain` adds what the verdict and each score were made of."""
    fields: Object = {
        "question": answer.question,
        "understood": _understood(answer.understood),
        "verdict": answer.verdict,
        "label": answer.label,
        "no_match": _no_match(answer.no_match) if answer.no_match else None,
        "sentence": _sentence(answer, answer.sentence) if answer.sentence else None,
        "further": [_sentence(answer, sentence) for sentence in answer.further],
        "passages": [_passage(shown, explain) for shown in answer.passages],
    }
    if explain:
        fields["probability"] = answer.probability
        fields["made_of"] = dict(answer.signals)
    return fields


def _understood(understood: Understanding) -> Object:
    """What was searched for, and in which articles."""
    query = understood.query
    return {
        "carried": understood.carried or None,
        "only": list(understood.kept),
        "given_up": list(understood.given_up),
        "since": stamp(query.since) or None,
        "until": stamp(query.until) or None,
        "sources": list(query.sources),
        "languages": list(query.languages),
        "newest": understood.newest,
        "notes": list(understood.notes),
    }


def _no_match(no_match: NoMatch) -> Object:
    return {
        "kind": no_match.kind,
        "filters": no_match.said,
        "nearest": list(no_match.nearest),
        "oldest": stamp(no_match.oldest) or None,
        "newest": stamp(no_match.newest) or None,
        "words": no_match.words,
    }


def _sentence(answer: Answer, sentence: Sentence) -> Object:
    article = answer.passages[sentence.passage - 1].citation.article
    return {
        "text": sentence.text,
        "passage": sentence.passage,
        "article": article.id,
        "start": sentence.start,
        "end": sentence.end,
        "paragraph": sentence.paragraph,
        "in_title": sentence.in_title,
        **({} if sentence.in_title else _page(article, sentence.start)),
    }


def _page(article: Article, offset: int) -> Object:
    """The page of a PDF; nothing for other articles."""
    page = article.page_at(offset)
    return {} if page is None else {"page": page}


def of_article(article: Article) -> Object:
    """An article whole, so that anyone can check `text[start:end]`."""
    extra = {"caption": article.caption, "language": article.language, "text": article.text}
    pages = {"pages": list(article.pages)} if article.pages else {}
    return {**_named(article), **extra, **pages}


def of_status(generation: Generation, home: Path, size: int) -> Object:
    """What a library holds; `size` is in bytes."""
    manifest = generation.manifest
    return {
        "articles": manifest.articles,
        "passages": manifest.passages,
        "period": [day.isoformat() for day in generation.period() or ()] or None,
        "sources": [name or None for name in manifest.sources],
        "model": manifest.model.name,
        "model_id": manifest.model.id,
        "bytes": size,
        "updated": manifest.updated,
        "home": str(home.absolute()),
        "generation": generation.name,
    }


def of_report(report: Report) -> Object:
    """What an update did."""
    refused = [{"path": refusal.path, "reason": refusal.reason} for refusal in report.refused]
    return {
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "refused": refused,
        "remarks": [{"path": remark.path, "reason": remark.reason} for remark in report.remarks],
        "kept": report.kept,
        "gone": [{"path": place.path, "articles": place.articles} for place in report.gone],
        "encoded": report.encoded,
        "taken": report.taken,
        "moved": asdict(report.moved) if report.moved else None,
    }


def of_encoding(report: EncodingReport) -> Object:
    """What was written into a file of vectors."""
    return {
        "encoded": report.encoded,
        "there": report.there,
        "others": report.others,
        "refused": [{"path": each.path, "reason": each.reason} for each in report.refused],
    }


def of_forgotten(forgotten: Forgotten) -> Object:
    """What was forgotten, and how many articles are left."""
    return {"path": forgotten.path, "removed": forgotten.removed, "articles": forgotten.left}


def of_list(articles: Sequence[Article], matching: int) -> Object:
    """The articles that are listed, of how many that match."""
    return {"articles": [_named(article) for article in articles], "matching": matching}


def of_settings(listed: Sequence[Setting]) -> list[Object]:
    """Every setting; of a secret whether it is set."""
    return [
        {
            "name": setting.name,
            "value": setting.value,
            "default": setting.default,
            "from": setting.origin,
            "secret": setting.secret,
        }
        for setting in listed
    ]


def of_runs(
    dataset: Dataset, runs: Sequence[Run], comparisons: Sequence[Sequence[Comparison]] = ()
) -> Object:
    """What was measured on one dataset, and how each further run compares with the first."""
    fields: Object = {
        "dataset": dataset.name,
        "questions": len(dataset.questions),
        "off_topic": len(runs[0].off_topic) if runs else 0,
        "runs": [_run(run) for run in runs],
    }
    if comparisons:
        fields["comparisons"] = [
            {"run": run.name, "with": runs[0].name, "measures": [_compared(m) for m in compared]}
            for run, compared in zip(runs[1:], comparisons, strict=True)
        ]
    return fields


def _run(run: Run) -> Object:
    from newsdesk.index.evaluate import by_kind

    return {
        "run": run.name,
        "mode": run.mode,
        "settings": dict(run.settings),
        "measures": dict(run.measures),
        "kinds": [_kind(kind) for kind in by_kind(run.judged)],
        "ms": run.milliseconds,
    }


def _kind(kind: Kind) -> Object:
    return {
        "kind": kind.name,
        "questions": kind.questions,
        "article_first": kind.first,
        "sentence_right": kind.right,
        "answered": kind.answered,
        "answered_right": kind.answered_right,
        "weak": kind.weak,
        "none": kind.none,
    }


def of_brief(brief: Brief, explain: bool = False) -> Object:
    """A briefing; `explain` adds what each story's score is made of."""
    query = brief.query
    return {
        "topic": query.topic.words,
        "since": query.since.isoformat(),
        "until": query.until.isoformat(),
        "stories": [_story(story, explain) for story in brief.stories],
        "articles": brief.articles,
        "left_out": brief.left_out,
    }


def of_week(measures: Mapping[str, Mapping[str, float | None]]) -> Object:
    """How good briefings are, by part of the labelled week."""
    return {part: dict(of_part) for part, of_part in measures.items()}


def of_gates(checks: Sequence[GateCheck]) -> Object:
    """Whether floors were reached."""
    gates = [
        {
            "dataset": check.dataset,
            "measure": check.measure,
            "at_least" if check.least else "at_most": check.limit,
            "reached": check.reached,
            "passed": check.passed,
        }
        for check in checks
    ]
    return {"passed": all(check.passed for check in checks), "gates": gates}


def print_json(value: Object | list[Object]) -> None:
    """What `--json` prints."""
    import json

    print(json.dumps(value, ensure_ascii=False))


def _story(story: Story, explain: bool) -> Object:
    fields: Object = {
        "headline": story.headline,
        "sentences": [
            {
                "text": sentence.text,
                "article": sentence.article.id,
                "start": sentence.start,
                "end": sentence.end,
                "paragraph": sentence.paragraph,
                **_page(sentence.article, sentence.start),
                "url": sentence.article.url or None,
            }
            for sentence in story.sentences
        ],
        "articles": [article.id for article in story.articles],
        "outlets": list(story.sources),
        "first": stamp(story.first) or None,
        "last": stamp(story.last) or None,
        "update_of": story.update_of,
    }
    if explain:
        fields |= {"score": story.score, "parts": dict(story.parts)}
    return fields


def _compared(comparison: Comparison) -> Object:
    return {
        "measure": comparison.measure,
        "difference": comparison.difference,
        "interval": [comparison.low, comparison.high],
        "p": comparison.p,
        "significant": comparison.is_significant,
        "wins": list(comparison.wins),
        "losses": list(comparison.losses),
    }


def _passage(shown: Shown, explain: bool) -> Object:
    hit, citation = shown.hit, shown.citation
    fields: Object = {
        "rank": hit.rank,
        "score": hit.score,
        "signals": {name: hit.signals[name] for name in ("bm25", "dense")},
        "text": hit.passage.text,
        "start": citation.start,
        "end": citation.end,
        "paragraph": citation.paragraph,
        **_page(citation.article, citation.start),
        "highlights": [[span.start, span.end] for span in shown.highlights],
        "article": _named(citation.article),
    }
    if shown.also:
        fields["also"] = [_cited(citation) for citation in shown.also]
    if explain:
        fields["signals"] = dict(hit.signals)
        fields["matched"] = dict(hit.matched)
    return fields


def _cited(citation: Citation) -> Object:
    """Where nearly the same passage stands in another article."""
    place = {"start": citation.start, "end": citation.end, "paragraph": citation.paragraph}
    page = _page(citation.article, citation.start)
    return {**place, **page, "article": _named(citation.article)}


def _named(article: Article) -> Object:
    return {
        "id": article.id,
        "title": article.title,
        "author": article.author,
        "source": article.source,
        "published": stamp(article.published) or None,
        "url": article.url or None,
        "path": article.path,
    }

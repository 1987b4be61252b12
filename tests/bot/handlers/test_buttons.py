"""Every button: pressed once, twice, by someone else, after a restart, and by nobody's message."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from newsdesk.index import evaluate
from newsdesk.index.library import Library
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Question
from newsdesk.index.update import update
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.running import Running
from tests.helpers.support import ROOT, SEEDS, write
from tests.helpers.talking import (
    ANSWERED,
    B9,
    EXPLAINED,
    META,
    NINE,
    NOWHERE,
    ask,
    changed,
    cited,
    clean,
    opened,
    press,
    quotes,
    talking,
    told,
)

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
TALKS = "nato russia talks"
BEFORE, AFTER = "They belong to a club that few people outside", "All nine lie in the eastern part"


def stand(message: Message) -> tuple[str, list[str]]:
    """How a message stands in its chat."""
    return message.html, message.labels


def document(message: Message) -> str:
    """The text of a file."""
    assert message.document
    return message.document[1].decode()


# More, and back


def test_more_goes_through_all_passages_in_the_searchers_order_and_back(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    answer = ask(api, ann, chat, TALKS)
    first, pages = stand(answer), [stand(answer)]
    read, numbers = quotes(answer), [number for number, _ in cited(answer)]
    while "More ▸" in answer.labels:
        changed(api, ann, answer, "More")
        assert answer.text.startswith(f"More on: {TALKS}\n\n")
        pages.append(stand(answer))
        read += quotes(answer)
        numbers += [number for number, _ in cited(answer)]
    assert numbers == list(range(1, 31))
    with Searcher(Settings(home=home)) as searcher:
        found = searcher.ask(Question(TALKS, 30)).passages
    assert read == [one.hit.passage.text for one in found]
    for page in reversed(pages[:-1]):
        changed(api, ann, answer, "Back")
        assert answer.html == page[0]
    assert stand(answer) == first
    assert chat.answers == [answer]


# Context


def test_context_marks_the_passage_among_its_paragraphs_and_goes_back(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat)
    first = stand(answer)
    changed(api, ann, answer, "Context")
    (marked,) = answer.of("blockquote")
    assert NINE in marked
    assert answer.text.startswith(f"{EXPLAINED}\n\n")
    assert "## " not in answer.text.split(marked)[0]
    assert "How it began" in answer.text.split(marked)[1]
    assert cited(answer) == [(1, EXPLAINED)]
    for label in ("2", "3"):
        (before,) = answer.of("blockquote")
        changed(api, ann, answer, label)
        (marked,) = answer.of("blockquote")
        assert marked != before
        assert f"[{label}]" in answer.labels
    changed(api, ann, answer, "Back")
    assert stand(answer) == first
    assert chat.answers == [answer]


def test_context_on_the_second_page_is_of_that_page_and_goes_back_to_it(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = changed(api, ann, ask(api, ann, chat, TALKS), "More")
    second, texts = stand(answer), quotes(answer)
    changed(api, ann, answer, "Context")
    assert [" ".join(one.split()) for one in answer.of("blockquote")] == [
        " ".join(texts[0].split())
    ]
    assert answer.labels[:3] == ["[4]", "5", "6"]
    changed(api, ann, answer, "Back")
    assert stand(answer) == second


# Article


def test_the_article_comes_whole_with_what_is_known_of_it_and_once(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    answer = ask(api, ann, chat)
    first = stand(answer)
    api.tap(ann, answer, "Article")
    sent = api.wait(chat, 2)[1]
    assert sent.document
    assert sent.document[0].endswith(".txt")
    assert sent.reply_to == answer
    assert sent.text == f"{EXPLAINED} · Newsdesk World · 10 December 2021, 08:00"
    head, _, body = document(sent).partition("\n\n")
    assert head.split("\n")[:4] == [
        f"Title: {EXPLAINED}",
        "Author: Newsdesk",
        "Source: Newsdesk World",
        "Date: 10 December 2021, 08:00",
    ]
    with Searcher(Settings(home=home)) as searcher:
        article = searcher.article("bucharest-nine-explained")
    assert article
    assert body == f"{article.text}\n"
    assert "sent already" in told(api, ann, answer, "Article")
    api.quiet(chat, 0.3)
    assert stand(answer) == first
    assert len(chat.answers) == 2


def test_of_several_articles_each_can_be_chosen(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat, TALKS)
    first = stand(answer)
    changed(api, ann, answer, "Article")
    titles = list(dict.fromkeys(title for _, title in cited(answer)))
    *offered, back = answer.labels
    assert len(titles) == len(offered) > 1
    assert back == "◂ Back"
    for count, label in enumerate(offered, start=2):
        api.tap(ann, answer, label)
        text = document(api.wait(chat, count)[-1])
        assert text.startswith(f"Title: {label.removesuffix('…').strip()}")
    changed(api, ann, answer, "Back")
    assert stand(answer) == first


def test_in_a_topic_the_article_comes_there(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann, forum=True)
    topic = api.topic(group, "Ukraine", ann)
    answer = ask(api, ann, group, f"/ask {B9}", topic=topic)
    api.tap(ann, changed(api, ann, answer, "Context"), "Article")
    sent = api.wait(group, 2)[1]
    assert (sent.topic, sent.reply_to) == (topic, answer)
    assert EXPLAINED in document(sent)


# 👍 👎


def votes(home: Path, folder: Path) -> str:
    """What `newsdesk feedback` says."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("NEWSDESK_")}
    done = subprocess.run(
        [sys.executable, "-m", "newsdesk.bot.cli", "feedback", "--qrels", str(folder)],
        cwd=ROOT,
        env={**environ, "NEWSDESK_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def test_a_vote_is_noted_once_a_person_may_be_changed_and_leaves_the_message_alone(
    api: StandIn, ann: Person, home: Path, tmp_path: Path
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    question = "which nine countries make up the bucharest nine"
    answer = ask(api, ann, group, f"/ask {question}")
    for by, label, words in (
        (ann, "👍", "Noted as helpful"),
        (ann, "👍", "noted already"),
        (bob, "👍", "Noted as helpful"),
        (bob, "👎", "Noted as not helpful"),
        (bob, "👍", "Noted as helpful"),
    ):
        assert words in told(api, by, answer, label)
    assert answer.edits == []
    assert len(group.answers) == 1
    rows = judged(home, tmp_path)
    assert rows[question] == {"bucharest-nine-explained": 1}
    told(api, bob, answer, "👎")  # one for, one against
    assert judged(home, tmp_path)[question] == {"bucharest-nine-explained": 0}


def judged(home: Path, folder: Path) -> dict[str, dict[str, int]]:
    """Each question that was voted on, with the grades of articles."""
    votes(home, folder)
    texts = {}
    for line in (folder / "queries.jsonl").read_text("utf-8").splitlines():
        one = json.loads(line)
        texts[one["_id"]] = one["text"]
    found: dict[str, dict[str, int]] = {text: {} for text in texts.values()}
    for line in (folder / "qrels" / "test.tsv").read_text("utf-8").splitlines()[1:]:
        query, article, grade = line.split("\t")
        found[texts[query]][article] = int(grade)
    return found


def test_feedback_becomes_a_dataset_that_eval_measures(
    api: StandIn,
    ann: Person,
    chat: Chat,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from newsdesk.bot import cli

    told(api, ann, ask(api, ann, chat, META), "👍")
    follow = "and when were they brought together?"
    ask(api, ann, chat)
    told(api, ann, ask(api, ann, chat, follow), "👍")
    told(api, ann, ask(api, ann, chat, NOWHERE), "👎")
    folder = tmp_path / "judged"
    assert re.match(r"\d+ questions? of \d+ votes?, in ", votes(home, folder))
    dataset = evaluate.load(folder)
    questions = {one.text: dict(one.relevant) for one in dataset.questions}
    assert set(questions[META].values()) == {1}
    assert questions[f"{follow} {B9}"] == {"bucharest-nine-explained": 1}
    monkeypatch.setenv("NEWSDESK_HOME", str(home))
    assert cli.run(["eval", str(folder)]) == 0
    assert "hit@1" in capsys.readouterr().out


# Pressed twice


def several(api: StandIn, by: Person, message: Message, label: str) -> None:
    """Press a button again and again before the bot has done anything."""
    with api.lock:
        presses = [api.tap(by, message, label, wait=False) for _ in range(3)]
    api.wait_for(lambda: all(one.answer is not None for one in presses))


@pytest.mark.parametrize("label", ["More", "Context", "Article", "👍"])
def test_pressed_twice_at_once_it_is_done_once(
    api: StandIn, ann: Person, chat: Chat, label: str
) -> None:
    answer = ask(api, ann, chat)
    several(api, ann, answer, label)
    if label == "Article":
        api.wait(chat, 2)
    elif label != "👍":
        api.wait_for(lambda: answer.edits)
    api.quiet(chat, 0.4)
    assert len(answer.edits) == (label in ("More", "Context"))
    assert len(chat.answers) == 1 + (label == "Article")


def test_an_example_pressed_twice_is_asked_once_and_by_someone_else_again(
    api: StandIn, ann: Person
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    helped = ask(api, ann, group, "/help")
    label, other = helped.labels[:2]
    several(api, ann, helped, label)
    api.wait(group, 2)
    assert "further down" in told(api, ann, helped, label)
    assert told(api, bob, helped, label) == ""
    api.wait(group, 3)
    assert told(api, bob, helped, other) == ""
    api.wait(group, 4)
    api.quiet(group, 0.4)
    assert len(group.answers) == 4


def edited(message: Message, times: int) -> bool:
    return len(message.edits) == times


@pytest.mark.parametrize(
    "labels", [("Search everything", "by itself"), ("by itself", "Search everything")]
)
def test_an_undo_pressed_twice_is_done_once_and_stays_done(
    api: StandIn, ann: Person, chat: Chat, labels: tuple[str, str]
) -> None:
    ask(api, ann, chat)
    answer = ask(api, ann, chat, "and when did they first meet, from Newsdesk World?")
    for done, label in enumerate(labels, start=1):
        several(api, ann, answer, label)
        api.wait_for(partial(edited, answer, done))
        api.quiet(chat, 0.4)
        assert len(answer.edits) == done
        assert not [one for one in answer.labels if label in one]
    assert not [one for one in ("Understood", "Only articles") if one in answer.text]
    assert not [one for one in answer.labels if "instead" in one]


# Pressed by someone else


def test_someone_else_in_a_group_sees_it_in_private_and_the_message_stays(
    api: StandIn, ann: Person
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    answer = ask(api, ann, group, f"/ask {B9}")
    before = stand(answer)
    links = {
        label: str((api.tap(bob, answer, label).answer or {})["url"])
        for label in ("More", "Context", "Article")
    }
    (more,) = opened(api, bob, links["More"])
    assert more.text.startswith(f"More on: {B9}")
    assert cited(more)[0][0] == 4
    (context,) = opened(api, bob, links["Context"])
    api.wait_for(lambda: len(context.of("blockquote")) == 1)
    assert NINE in context.of("blockquote")[0]
    _, article = opened(api, bob, links["Article"], 2)
    assert document(article).startswith(f"Title: {EXPLAINED}")
    assert stand(answer) == before
    assert answer.edits == []
    assert group.answers == [answer]
    # What Bob has in private is his to page through.
    assert NINE in changed(api, bob, changed(api, bob, more, "Back"), "Context").text
    assert "helpful" in told(api, bob, more, "👍")


def test_someone_else_cannot_change_what_was_asked(api: StandIn, ann: Person) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    first = ask(api, ann, group, f"/ask {B9}")
    text = "and when did they first meet, from Newsdesk World?"
    answer = ask(api, ann, group, text, reply_to=first)
    for label in ("Search everything", "by itself"):
        assert "Only who asked" in told(api, bob, answer, label)
    assert answer.edits == []
    assert "Only articles" not in changed(api, ann, answer, "Search everything").text


def test_what_an_administrator_asked_as_the_group_is_the_administrators_own(
    api: StandIn, ann: Person
) -> None:
    boss, text = api.person("Boss"), f"{B9} from Newsdesk World"
    group = api.group("Desk", ann, boss, admins=(boss,))
    answer = ask(api, boss, group, f"/ask {text}", anonymous=True)
    before = stand(answer)
    assert "Only who asked" in told(api, ann, answer, "Search everything")
    assert (api.tap(ann, answer, "More").answer or {})["url"]
    assert stand(answer) == before
    assert changed(api, boss, answer, "More").text.startswith("More on")
    changed(api, boss, answer, "Back")
    assert len(changed(api, boss, answer, "Context").of("blockquote")) == 1
    changed(api, boss, answer, "Back")
    assert "Only articles" not in changed(api, boss, answer, "Search everything").text
    assert group.answers == [answer]


# Pressed late


@pytest.mark.slow
def test_every_button_works_after_a_restart(
    running: tuple[StandIn, Running], api: StandIn, ann: Person
) -> None:
    bot, bob = running[1], api.person("Bob")
    chat, group = api.private(ann), api.group("Desk", ann, bob)
    helped = ask(api, ann, chat, "/help")
    settings = ask(api, ann, chat, "/settings")
    narrowed = ask(api, ann, chat, f"{B9} from Newsdesk World")
    shared = ask(api, ann, group, f"/ask {B9}")
    link = str((api.tap(bob, shared, "More").answer or {})["url"])
    button = (api.inline(bob, META).answer or {})["button"]["start_parameter"]
    assert bot.stop() == 0
    starts = bot.told().count("answers from")
    bot.start()
    bot.until("answers from", starts + 1)
    assert changed(api, ann, shared, "More").text.startswith("More on")
    assert changed(api, ann, shared, "Back").text.startswith(ANSWERED)
    assert len(changed(api, ann, shared, "Context").of("blockquote")) == 1
    assert "helpful" in told(api, ann, shared, "👎")
    api.tap(ann, shared, "Article")
    assert EXPLAINED in document(api.wait(group, 2)[1])
    assert "sent already" in told(api, ann, shared, "Article")
    assert "Only articles" not in changed(api, ann, narrowed, "Search everything").text
    assert "answer: 2" in changed(api, ann, settings, "2 passages").text
    assert opened(api, bob, link)[0].text.startswith("More on")
    assert "Meta" in opened(api, bob, f"https://t.me/newsdesk_bot?start={button}")[0].text
    count = len(chat.answers)
    api.tap(ann, helped, helped.labels[0])
    assert len(quotes(api.wait(chat, count + 1)[-1])) == 2


def test_of_a_message_too_old_for_telegram_to_tell_buttons_work_all_the_same(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat)
    old = {"chat": chat.told(), "message_id": answer.id, "date": 0}
    press(api, ann, old, api.button(answer, "More").data)
    api.wait_for(lambda: answer.text.startswith("More on"))


def test_a_press_that_can_no_longer_be_answered_is_done_all_the_same(
    running: tuple[StandIn, Running], api: StandIn, ann: Person, chat: Chat
) -> None:
    answer, settings = ask(api, ann, chat), ask(api, ann, chat, "/settings")
    for message, label, words in (
        (answer, "More", "More on"),
        (answer, "Back", ANSWERED),
        (answer, "Context", EXPLAINED),
        (settings, "1 passage", "Settings of this chat\n\nPassages in an answer: 1"),
    ):
        api.faults.add("answerCallbackQuery", 400, words=f"Bad Request: {TOO_OLD} and more")
        api.tap(ann, message, label, wait=False)
        api.wait_for(partial(begins, message, words))
    clean(*running, TOO_OLD)


def begins(message: Message, words: str) -> bool:
    return message.text.startswith(words)


def test_what_no_button_of_ours_carries_changes_nothing(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat)
    key = api.button(answer, "More").data.split(":")[1]
    odd = ["", "x", "p", "p:nobody:1", f"a:{key}:99", f"c:{key}:0", f"c:{key}:-1", f"a:{key}:x"]
    odd += [f"p:{key}:", "e:nobody"]
    for data in odd:
        press(api, ann, answer.told(), data)
    settings = ask(api, ann, chat, "/settings")
    for data in ("s:zone:Mars/Base", "s:passages:9", "s:nothing:1", "s:zone", "s"):
        press(api, ann, settings.told(), data)
    api.quiet(chat, 0.4)
    assert answer.edits == settings.edits == []
    assert ask(api, ann, chat).text.startswith(ANSWERED)


# After the library changed


@pytest.mark.slow
def test_a_citation_opens_what_it_quoted_though_the_article_changed_or_went(
    seeds_home: Path, tmp_path: Path
) -> None:
    settings, texts = Settings(home=tmp_path / "home"), tmp_path / "texts"
    with talking(seeds_home, tmp_path / "home") as (api, bot):
        ann, bob = api.person("Ann"), api.person("Bob")
        chat, group = api.private(ann), api.group("Desk", ann, bob)
        write(texts, {"zeppelin.txt": "A Zeppelin\n\nIt came.\n\nThe zeppelin landed in Quito.\n"})
        update(settings, [SEEDS, texts])
        question = "where did the zeppelin land?"
        answer, shared = ask(api, ann, chat, question), ask(api, ann, group, f"/ask {question}")
        link = str((api.tap(bob, shared, "Context").answer or {})["url"])
        before = stand(answer)
        write(texts, {"zeppelin.txt": "A Zeppelin\n\nNo.\n\nThe zeppelin landed in Lima then.\n"})
        update(settings, [SEEDS, texts])
        assert "Quito" in opened(api, bob, link)[0].text
        assert "Lima" in ask(api, ann, chat, question).text
        for _ in ("changed", "gone"):
            context = changed(api, ann, answer, "Context").text
            assert "Quito" in context
            assert "Lima" not in context
            assert changed(api, ann, answer, "Back").html == before[0]
            (texts / "zeppelin.txt").unlink(missing_ok=True)
            update(settings, [SEEDS, texts], prune=True)
        with Library(settings.home) as library, library.transaction():
            library.erase_versions("zeppelin")
        assert "removed" in told(api, ann, answer, "Context")
        assert stand(answer)[0] == before[0]
        count = len(chat.answers)
        choosing = changed(api, ann, answer, "Article")
        api.tap(ann, choosing, "A Zeppelin")
        assert "no longer here" in api.wait(chat, count + 1)[-1].text
        assert changed(api, ann, answer, "Back").html == before[0]
        assert "More on" in changed(api, ann, answer, "More").text
        clean(api, bot)

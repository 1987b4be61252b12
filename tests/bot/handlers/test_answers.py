"""What stands in an answer, what a question is understood with, and answers that change."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from newsdesk.index import evaluate
from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Question
from newsdesk.index.update import update
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.running import Running
from tests.helpers.support import SEEDS, write
from tests.helpers.talking import (
    ANSWERED,
    B9,
    EXPLAINED,
    META,
    NINE,
    NOT_FOUND,
    NOWHERE,
    TOKYO,
    ask,
    bold_in_quotes,
    changed,
    cited,
    clean,
    press,
    quotes,
    talking,
)

MET = "They brought the nine countries together for the first time in Bucharest on 4 November 2015."
OF_FACEBOOK = "Facebook Renames Itself Meta"
GONE = "message to edit not found"


def asked_anew(api: StandIn, text: str) -> Message:
    """The answer to someone who never asked anything."""
    bob = api.person("Bob")
    return ask(api, bob, api.private(bob), text)


# What stands in an answer


def test_the_sentence_that_answers_is_in_bold_with_the_number_of_its_passage(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat)
    assert answer.text.startswith(f"{ANSWERED} [1]\n\n")
    assert answer.bold()[0] == NINE
    assert NINE in quotes(answer)[0]
    assert answer.of("underline") == [NINE]
    assert len(quotes(answer)) == len(answer.of("blockquote")) == 3
    assert "B9" in bold_in_quotes(answer)[0]
    assert not {"who", "is", "in", "the"} & {one for row in bold_in_quotes(answer) for one in row}
    line = f"[1] {EXPLAINED} · Newsdesk World · 10 December 2021, 08:00 · paragraph 2"
    assert line in answer.text.split("\n")


def test_the_closest_is_said_to_be_only_that(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat, "when did the tokyo olympics close?")
    first = answer.text.split("\n")[0]
    assert first.startswith("Closest I found: ")
    assert first.endswith(" [1]")
    assert first not in answer.bold()
    assert first.removeprefix("Closest I found: ").removesuffix(" [1]") in quotes(answer)[0]


def test_what_is_not_there_is_said_without_a_citation(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat, NOWHERE)
    first, rest = answer.text.split("\n\n")
    assert first == NOT_FOUND
    assert rest.startswith("Try other words")
    assert answer.entities == []
    assert answer.labels == ["👍", "👎"]


def test_the_bot_shows_what_the_searcher_finds(api: StandIn, home: Path) -> None:
    every = [one.text for one in evaluate.load(SEEDS).questions]
    verdicts = set()
    with Searcher(Settings(home=home)) as searcher:
        for text in (*every[4 :: len(every) // 12], NOWHERE):
            told, found = asked_anew(api, text), searcher.ask(Question(text, 3))
            verdicts.add(found.verdict)
            if found.verdict == "none":
                assert (told.text.split("\n")[0], quotes(told)) == (NOT_FOUND, [])
                continue
            assert found.sentence
            sentence = " ".join(found.sentence.text.split())
            before = "".join(f"{note}\n\n" for note in found.understood.notes)
            said = f"{before}{found.label}: {sentence} [{found.sentence.passage}]\n"
            assert told.text.startswith(said)
            assert quotes(told) == [one.hit.passage.text for one in found.passages]
            assert [" ".join(row).split() for row in bold_in_quotes(told)] == [
                [one.of(shown.citation.article.text) for one in shown.highlights]
                for shown in found.passages
            ]
            assert cited(told) == [
                (shown.hit.rank, shown.citation.article.title) for shown in found.passages
            ]
    assert verdicts == {"answered", "weak", "none"}


# The library moves on


def test_a_library_that_is_updated_meanwhile_is_asked_at_once(
    running: tuple[StandIn, Running], seeds_home: Path, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home")
    with talking(seeds_home, tmp_path / "home") as (api, bot):
        ann = api.person("Ann")
        chat, pid = api.private(ann), bot.pid
        assert "[1]" not in ask(api, ann, chat, "where did the zeppelin land?").text.split("\n")[0]
        text = "\n\nA *zeppelin* landed in Quito & was met by <crowds> on Friday.\n"
        head = "---\ntitle: A Zeppelin, at Last\nauthor: Jo Bly\nurl: https://example.org/z?a=1&b=2"
        folder = write(tmp_path / "new", {"zeppelin.md": f"{head}\ndate: 2022-02-01\n---{text}"})
        update(settings, [folder])
        answer = ask(api, ann, chat, "where did the zeppelin land?")
        assert "Quito & was met by <crowds> on Friday. [1]\n" in answer.text
        line = "[1] A Zeppelin, at Last · Jo Bly · 1 February 2022 · paragraph 1"
        assert line in answer.text.split("\n")
        (link,) = [one for one in answer.entities if one.type == "text_link"]
        assert link.url.startswith("https://example.org/z?a=1&b=2")
        assert answer.of("text_link") == ["A Zeppelin, at Last"]
        shown = ask(api, ann, chat, "/sources").text
        assert shown.startswith("31 articles (from 4 April 2008 to 1 February 2022)")
        none = ask(api, ann, chat, NOWHERE).text
        assert none.startswith(NOT_FOUND.replace("30", "31").replace("21 January", "1 February"))
        assert bot.pid == pid
        clean(api, bot)


# What a question is understood with


def test_the_next_question_in_private_goes_on_and_says_so(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    ask(api, ann, chat)
    answer = ask(api, ann, chat, "and when were they brought together?")
    assert answer.text.startswith(f"Understood with: {B9}\n\n")
    assert MET in answer.text.split("\n")[2]
    third = ask(api, ann, chat, "what about Omicron?")
    assert third.text.startswith("Understood with: ")


def test_asked_by_itself_instead_it_is_what_a_stranger_is_told(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    text = "and when did they first meet?"
    ask(api, ann, chat)
    answer = ask(api, ann, chat, text)
    alone = changed(api, ann, answer, "Ask it by itself instead")
    assert alone.html == asked_anew(api, text).html
    assert not [one for one in alone.labels if "itself" in one]
    assert len(chat.answers) == 2


@pytest.mark.parametrize("text", [META, TOKYO, NOWHERE, "what is the Omicron variant?"])
def test_a_question_that_stands_by_itself_is_not_polluted_by_the_last(
    api: StandIn, ann: Person, chat: Chat, text: str
) -> None:
    ask(api, ann, chat)
    assert ask(api, ann, chat, text).html == asked_anew(api, text).html


def test_a_reply_goes_on_from_the_answer_that_it_replies_to(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    first = ask(api, ann, chat)
    ask(api, ann, chat, META)
    answer = ask(api, ann, chat, "and when were they brought together?", reply_to=first)
    assert answer.text.startswith(f"Understood with: {B9}\n\n")
    assert MET in answer.text.split("\n")[2]


def test_after_some_minutes_only_a_reply_goes_on(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    first = ask(api, ann, chat)
    told = "UPDATE answers SET asked = asked - 1800 WHERE chat = ? AND message = ?"
    with closing(sqlite3.connect(home / "bot.db", timeout=10, isolation_level=None)) as db:
        api.wait_for(lambda: db.execute(told, (chat.id, first.id)).rowcount)
    text = "and when did they first meet?"
    assert not ask(api, ann, chat, text).text.startswith("Understood")
    replied = ask(api, ann, chat, text, reply_to=first)
    assert replied.text.startswith(f"Understood with: {B9}")


# Narrowed in words


@pytest.mark.parametrize(
    ("text", "said", "only"),
    [
        (
            "the Russian delegation, from Newsdesk Europe?",
            "from Newsdesk Europe",
            "Newsdesk Europe",
        ),
        (
            "what did Biden and Putin talk about in December 2021",
            "of December 2021",
            "December 2021",
        ),
        ("articles of January 2022 on NATO and Russia", "of January 2022", "January 2022"),
    ],
)
def test_a_narrowing_is_said_applied_and_undone(
    api: StandIn, ann: Person, chat: Chat, text: str, said: str, only: str
) -> None:
    answer = ask(api, ann, chat, text)
    assert answer.text.startswith(f"Only articles {said}\n\n")
    lines = [line for line in answer.text.split("\n") if re.match(r"\[\d\] ", line)]
    assert len(lines) == 3
    assert all(only in line for line in lines)
    more = changed(api, ann, answer, "More")
    lines = [line for line in more.text.split("\n") if re.match(r"\[\d\] ", line)]
    assert lines
    assert all(only in line for line in lines)
    wide = changed(api, ann, changed(api, ann, answer, "Back"), "Search everything instead")
    assert "Only articles" not in wide.text
    assert not [one for one in wide.labels if "everything" in one]
    assert len(quotes(wide)) == 3


def test_nothing_found_in_the_time_named_says_so_and_can_be_undone(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat, "who is in the B9 since Monday?")
    assert re.match(r"Only articles since Monday, \d+ \w+ \d{4}\n\nI did not find", answer.text)
    assert "without that narrowing" in answer.text
    assert NINE in changed(api, ann, answer, "Search everything instead").text


def test_what_happened_in_a_month_shows_the_articles_of_that_month_newest_first(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat, "What happened in December 2021?")
    assert answer.text.startswith("Only articles of December 2021\n\nClosest I found: ")
    days = [
        int(day) for day in re.findall(r"(\d+) December 2021, .* paragraph 1$", answer.text, re.M)
    ]
    assert len(days) == len({title for _, title in cited(answer)}) == 3
    assert days == sorted(days, reverse=True)
    more = changed(api, ann, answer, "More")
    assert len(re.findall(r"December 2021, .* paragraph \d+$", more.text, re.M)) == 3
    back = changed(api, ann, more, "Back")
    assert "Only articles" not in changed(api, ann, back, "Search everything instead").text


def test_days_that_are_what_is_asked_about_are_left_in_the_question(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat, "when was the first B9 summit, in 2015?")
    assert "Only articles" not in answer.text
    assert MET in answer.text.split("\n")[0]


# Questions that change


def becomes(api: StandIn, message: Message, words: str) -> None:
    api.wait_for(lambda: words in message.text, what=f"{words!r} in {message.text!r}")


@pytest.mark.parametrize("place", ["private", "topic"])
def test_an_edited_question_has_its_answer_changed_in_place_each_time(
    api: StandIn, ann: Person, place: str
) -> None:
    chat = api.private(ann) if place == "private" else api.group("Desk", ann, forum=True)
    topic = api.topic(chat, "Ukraine", ann) if place == "topic" else None
    command = "/ask " if topic else ""
    question = api.say(ann, chat, command + B9, topic=topic)
    (answer,) = api.wait(chat)
    for text, words in ((META, OF_FACEBOOK), (NOWHERE, NOT_FOUND), (B9, NINE)):
        api.edit(question, command + text)
        becomes(api, answer, words)
    assert "More on: who is in the B9?" in changed(api, ann, answer, "More").text
    assert chat.answers == [answer]
    assert answer.reply_to == question


def test_a_question_edited_while_it_is_being_answered_is_answered_once_as_edited(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.faults.add("sendMessage", chat=chat, slow=1)
    question = api.say(ann, chat, B9)
    api.wait_for(lambda: api.called("sendMessage", chat))
    api.edit(question, META)
    (answer,) = api.wait(chat)
    becomes(api, answer, OF_FACEBOOK)
    api.quiet(chat, 0.3)
    at_once = api.say(ann, chat, B9)
    api.edit(at_once, TOKYO)
    becomes(api, api.wait(chat, 2)[1], "Tokyo")
    api.quiet(chat, 0.3)
    assert len(chat.answers) == 2
    # What was edited is what is remembered: its buttons work.
    assert "More on: when did Facebook" in changed(api, ann, answer, "More").text


def test_a_button_from_before_an_edit_is_of_the_question_as_edited(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    question = api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    before = api.button(answer, "More").data
    api.edit(question, META)
    becomes(api, answer, OF_FACEBOOK)
    press(api, ann, answer.told(), before)
    becomes(api, answer, f"More on: {META}")


def test_an_edit_to_nothing_or_to_the_same_leaves_the_answer_as_it_is(
    api: StandIn, ann: Person
) -> None:
    group = api.group("Desk", ann)
    question = api.say(ann, group, f"/ask {B9}")
    (answer,) = api.wait(group)
    for text in ("/ask", f"/ask {B9}", "never mind", "", f"/ask {B9}"):
        api.edit(question, text)
    api.quiet(group)
    assert (group.answers, answer.edits) == ([answer], [])


def test_chatter_that_is_edited_into_a_question_is_answered(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann)
    question = api.say(ann, group, B9)
    api.edit(question, f"/ask {B9}")
    (answer,) = api.wait(group)
    assert (answer.text.startswith(ANSWERED), answer.reply_to) == (True, question)
    api.edit(question, f"/ask {META}")
    becomes(api, answer, OF_FACEBOOK)


def test_a_question_that_is_deleted_before_it_is_answered_breaks_nothing(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.faults.add("sendMessage", 429, chat=chat, retry_after=1)
    question = api.say(ann, chat, B9)
    api.wait_for(lambda: api.called("sendMessage", chat))
    api.remove(question)
    (answer,) = api.wait(chat)
    assert (answer.text.startswith(ANSWERED), answer.reply_to) == (True, None)


def test_an_answer_that_was_deleted_breaks_nothing_when_its_question_is_edited(
    running: tuple[StandIn, Running], api: StandIn, ann: Person, chat: Chat
) -> None:
    question = api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    api.remove(answer)
    api.edit(question, META)
    api.wait_for(lambda: api.called("editMessageText", chat))
    assert OF_FACEBOOK in ask(api, ann, chat, META).text
    clean(*running, GONE)

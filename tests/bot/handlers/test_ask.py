"""Every way of asking: private chats, groups, topics, inline; and what others may not do."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from newsdesk.index.search.searcher import Searcher
from newsdesk.index.settings import Settings
from newsdesk.index.types import Question
from tests.botapi import Chat, Message, Person, StandIn
from tests.helpers.running import Running
from tests.helpers.talking import (
    ADMIN,
    ANSWERED,
    B9,
    EXPLAINED,
    NINE,
    NOWHERE,
    TOKYO,
    ask,
    changed,
    clean,
    opened,
    quotes,
    talking,
    told,
)

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
MOST = 8  # questions of one person in a minute


pytestmark = pytest.mark.running_bot("seeds", telegram_questions_a_minute=str(MOST))


@pytest.fixture
def all_ears(api: StandIn) -> Iterator[StandIn]:
    """With privacy mode off, the bot gets all that is said."""
    api.bot.privacy = False
    yield api
    api.bot.privacy = True


# In private


def test_a_text_and_the_command_with_and_without_the_bots_name_ask_the_same(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    plain = ask(api, ann, chat)
    assert plain.text.startswith(f"{ANSWERED} [1]\n")
    for text in (f"/ask {B9}", f"/ask@newsdesk_bot {B9}", f"/ask\n{B9}"):
        answer = ask(api, ann, chat, text)
        assert answer.html == plain.html
    assert all(one.reply_to and one.reply_to.sender == ann for one in chat.answers)


def test_a_command_without_a_question_says_how_to_ask(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    assert "/ask who is in the B9?" in ask(api, ann, chat, "/ask").text
    assert "/help" in ask(api, ann, chat, "/weather in Paris").text


@pytest.mark.parametrize("command", ["/start", "/help"])
def test_help_says_what_it_can_do_and_its_examples_get_answers(
    api: StandIn, ann: Person, chat: Chat, home: Path, command: str
) -> None:
    helped = ask(api, ann, chat, command)
    for words in ("Just type", "/ask", "@newsdesk_bot", "/sources", "/settings", "Reply"):
        assert words in helped.text
    assert len(helped.labels) == len(set(helped.labels)) == 3
    with Searcher(Settings(home=home)) as searcher:
        for n, label in enumerate(helped.labels, start=2):
            api.tap(ann, helped, label)
            answer = api.wait(chat, n)[-1]
            assert len(quotes(answer)) == 3
            found = searcher.ask(Question(label, 3))
            assert found.sentence
            sentence = " ".join(found.sentence.text.split())
            assert answer.text.startswith(f"{found.label}: {sentence} [")
            # The sentence is bold where it is the answer.
            assert (answer.bold()[0] == sentence) == (found.verdict == "answered")


def test_an_example_in_a_group_is_asked_there_by_whoever_presses_it(
    api: StandIn, ann: Person
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob, forum=True)
    topic = api.topic(group, "Ukraine", ann)
    helped = ask(api, ann, group, "/help", topic=topic)
    assert helped.topic == topic
    api.tap(bob, helped, helped.labels[0])
    answer = api.wait(group, 2)[1]
    assert (answer.topic, len(quotes(answer))) == (topic, 3)
    changed(api, bob, answer, "More")  # it is an answer to Bob


def test_sources_tells_outlets_counts_and_dates(
    api: StandIn, ann: Person, chat: Chat, home: Path
) -> None:
    shown = ask(api, ann, chat, "/sources").text
    assert shown.startswith("30 articles (from 4 April 2008 to 21 January 2022)")
    assert "Newsdesk Europe: 5, 10 May 2021 to 14 January 2022" in shown
    counts = dict(re.findall(r"^(.+): (\d+), ", shown, re.MULTILINE))
    with Searcher(Settings(home=home)) as searcher:
        sources = searcher.engine.source_names()
    assert set(counts) == {one or "without a source" for one in sources}
    assert sum(map(int, counts.values())) == 30


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "poll"])
def test_what_is_no_text_gets_one_friendly_line(
    api: StandIn, ann: Person, chat: Chat, kind: str
) -> None:
    api.send(ann, chat, kind)
    (line,) = api.wait(chat)
    assert "\n" not in line.text
    assert "Type a question" in line.text


def test_an_album_gets_one_line(api: StandIn, ann: Person, chat: Chat) -> None:
    for _ in range(4):
        api.send(ann, chat, "photo", album="7")
    api.wait(chat)
    assert ask(api, ann, chat).text.startswith(ANSWERED)
    api.quiet(chat, 0.3)
    assert len(chat.answers) == 2


# In groups and topics


@pytest.mark.parametrize("command", ["/ask", "/ask@newsdesk_bot"])
def test_a_question_in_a_topic_is_answered_there_as_a_reply(
    api: StandIn, ann: Person, command: str
) -> None:
    group = api.group("Desk", ann, forum=True)
    topic = api.topic(group, "Ukraine", ann)
    for where in (topic, None):
        question = api.say(ann, group, f"{command} {B9}", topic=where)
        answer = api.wait(group, 2 if where is None else 1)[-1]
        assert (answer.topic, answer.reply_to) == (where, question)
        assert answer.text.startswith(ANSWERED)


def test_someone_elses_message_is_the_question_where_the_command_replies_to_it(
    api: StandIn, ann: Person
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    for theirs in (api.say(bob, group, B9), api.send(bob, group, "photo", caption=B9)):
        asking = api.say(ann, group, "/ask", reply_to=theirs)
        answer = api.wait(group, len(group.answers) + 1)[-1]
        assert answer.text.startswith(ANSWERED)
        assert answer.reply_to == asking


def test_in_a_topic_the_command_alone_does_not_ask_the_topics_opening(
    api: StandIn, ann: Person
) -> None:
    group = api.group("Desk", ann, forum=True)
    topic = api.topic(group, "Ukraine", ann)
    assert "Write the question behind it" in ask(api, ann, group, "/ask", topic=topic).text


def test_a_reply_to_an_answer_asks_on_and_to_anything_else_of_the_bots_does_not(
    api: StandIn, ann: Person
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    first = ask(api, ann, group, f"/ask {B9}")
    second = ask(api, bob, group, "where does its name come from?", reply_to=first)
    assert second.text.startswith(f"Understood with: {B9}")
    assert "The name comes from the Romanian capital" in second.text
    helped = ask(api, ann, group, "/help")
    api.say(bob, group, "thanks!", reply_to=helped)
    api.quiet(group)


def test_with_privacy_on_a_group_is_not_bothered(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann)
    for text in (B9, f"@newsdesk_bot {B9}", f"/ask@other_bot {B9}", "/weather in Paris", "/stats"):
        api.say(ann, group, text)
    api.send(ann, group, "photo")
    api.quiet(group)


def test_with_privacy_off_a_mention_asks_and_chatter_does_not(
    all_ears: StandIn, ann: Person
) -> None:
    api, bob = all_ears, all_ears.person("Bob")
    group = api.group("Desk", ann, bob)
    theirs = api.say(bob, group, B9)
    for text in ("good morning", f"/ask@other_bot {B9}", f"@other_bot {B9}", "@newsdesk_bots who?"):
        api.say(ann, group, text)
    api.say(ann, group, "I wonder too", reply_to=theirs)
    for kind in ("photo", "sticker", "poll"):
        api.send(ann, group, kind)
    api.edit(theirs, f"/ask@other_bot {B9}")
    api.edit(theirs, B9)
    api.quiet(group)
    for asking, more in ((f"@newsdesk_bot {B9}", None), ("@NewsDesk_bot", theirs)):
        answer = ask(api, ann, group, asking, reply_to=more)
        assert answer.text.startswith(ANSWERED)


def test_a_plain_question_in_a_group_does_not_go_on_from_the_last(
    api: StandIn, ann: Person
) -> None:
    group = api.group("Desk", ann)
    ask(api, ann, group, f"/ask {B9}")
    assert "Understood" not in ask(api, ann, group, "/ask when was that?").text


# Settings


def test_settings_by_button_change_what_the_next_answer_is(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    shown = ask(api, ann, chat, "/settings")
    assert "Passages in an answer: 1" in changed(api, ann, shown, "1 passage").text
    assert "✓ 1 passage" in shown.labels
    answer = ask(api, ann, chat)
    assert len(quotes(answer)) == 1
    assert "[2]" in changed(api, ann, answer, "More").text
    changed(api, ann, shown, "off")
    assert "Understood" not in ask(api, ann, chat, "when was that?").text


def test_a_number_behind_settings_is_that_of_passages(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    assert "Passages in an answer: 1" in ask(api, ann, chat, "/settings 1").text
    assert len(quotes(ask(api, ann, chat))) == 1
    assert "Passages in an answer: 2" in ask(api, ann, chat, "/settings 2 passages").text
    refused = ask(api, ann, chat, "/settings 4").text
    assert "1, 2 or 3 passages" in refused
    assert "Passages in an answer: 2" in refused


def test_a_time_zone_by_name_or_button_is_the_one_that_today_is_meant_in(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    assert "no time zone “Mars”" in ask(api, ann, chat, "/settings Mars").text
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never the same day
        assert f"Time zone: {zone}" in ask(api, ann, chat, f"/settings {zone.lower()}").text
        days = {today(zone)}
        answer = ask(api, ann, chat, "B9 news today").text
        days.add(today(zone))
        assert answer.startswith(tuple(f"Only articles of {day}\n" for day in days))
    shown = ask(api, ann, chat, "/settings")
    assert "Time zone: Asia/Tokyo" in changed(api, ann, shown, "Tokyo").text


def today(zone: str) -> str:
    now = datetime.now(ZoneInfo(zone))
    return f"{now:%A}, {now.day} {now:%B} {now.year}"


def test_in_a_group_only_administrators_change_settings(api: StandIn, ann: Person) -> None:
    boss, owner = api.person("Boss"), api.person("Owner")
    group = api.group("Desk", ann, boss, owner, admins=(boss,))
    group.members[owner.id] = "creator"
    shown = ask(api, ann, group, "/settings")
    assert "Only administrators" in told(api, ann, shown, "1 passage")
    assert "Only administrators" in ask(api, ann, group, "/settings Asia/Tokyo").text
    assert shown.edits == []
    assert "Passages in an answer: 2" in changed(api, boss, shown, "2 passages").text
    assert "Passages in an answer: 1" in changed(api, owner, shown, "1 passage").text
    by_name = ask(api, boss, group, "/settings Asia/Tokyo", anonymous=True)
    assert "Time zone: Asia/Tokyo" in by_name.text


# Inline


def test_inline_gives_the_searchers_passages_page_by_page_each_with_its_citation(
    api: StandIn, ann: Person, home: Path
) -> None:
    text, offset, results = "nato russia talks", "", []
    for _ in range(6):
        query = api.inline(ann, text, offset)
        assert 0 < len(query.results) <= 50
        results += query.results
        offset = str((query.answer or {}).get("next_offset") or "")
        if not offset:
            break
    assert not offset
    read = [one["read"][0] for one in results]
    assert len({one["id"] for one in results}) == len(set(read)) == len(read) > 10
    with Searcher(Settings(home=home)) as searcher:
        found = searcher.ask(Question(text, len(read))).passages
    for shown, words in zip(found, read, strict=True):
        title = shown.citation.article.title
        assert shown.hit.passage.text in words
        assert re.search(rf"\[{shown.hit.rank}\] {re.escape(title)} · .* · paragraph \d+$", words)


def test_a_chosen_result_stands_in_the_chat_and_is_no_question(api: StandIn, ann: Person) -> None:
    query = api.inline(ann, B9)
    for where in (api.private(ann), api.group("Desk", ann)):
        sent = api.choose(ann, query, 0, where)
        assert sent.text.startswith(ANSWERED)
        assert EXPLAINED in sent.text
        api.quiet(where, 0.4)


def test_inline_says_so_when_nothing_is_found_or_typed(api: StandIn, ann: Person) -> None:
    (nothing,) = api.inline(ann, NOWHERE).results
    assert nothing["title"] == "I did not find this"
    assert "30 articles" in nothing["read"][0]
    (hint,) = api.inline(ann, "  ").results
    assert "Type a question" in hint["title"]


def test_inline_narrows_in_words_and_says_so(api: StandIn, ann: Person) -> None:
    text = "the Russian delegation, from Newsdesk Europe?"
    first = api.inline(ann, text)
    second = api.inline(ann, text, str((first.answer or {})["next_offset"]))
    results = first.results + second.results
    assert len({one["id"] for one in results}) > len(first.results) == 10
    for one in results:
        assert one["description"].startswith("Only articles from Newsdesk Europe · ")
        assert " · Newsdesk Europe · " in one["read"][0]
    (nothing,) = api.inline(ann, "B9 since Monday").results
    assert re.fullmatch(
        r"I did not find “B9” in 30 articles\. There are no articles since Monday, \d+ \w+ \d{4}; "
        r"the newest is of 21 January 2022\.",
        nothing["read"][0],
    )


def test_inline_goes_by_the_time_zone_of_who_types(api: StandIn, ann: Person) -> None:
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # never the same day
        ask(api, ann, api.private(ann), f"/settings {zone}")
        days = {today(zone)}
        query = api.inline(ann, "B9 news today")
        days.add(today(zone))
        (line,) = query.results
        assert any(f"no articles of {day}; " in line["read"][0] for day in days)
        assert (query.answer or {})["is_personal"]  # others are elsewhere


def test_an_inline_question_that_came_to_nothing_and_is_too_old_is_no_mistake(
    running: tuple[StandIn, Running], api: StandIn, ann: Person, home: Path
) -> None:
    with closing(sqlite3.connect(home / "bot.db", timeout=10)) as db:
        db.execute("ALTER TABLE links RENAME TO away")
        try:
            assert "Not possible" in api.inline(ann, B9).results[0]["title"]
            api.faults.add("answerInlineQuery", 400, words=f"Bad Request: {TOO_OLD}")
            count = len(api.called("answerInlineQuery"))
            api.inline(ann, B9, wait=False)
            api.wait_for(lambda: len(api.called("answerInlineQuery")) > count)
        finally:
            db.execute("ALTER TABLE away RENAME TO links")
    assert EXPLAINED in api.inline(ann, B9).results[0]["read"][0]
    clean(*running, TOO_OLD)


@pytest.mark.parametrize(
    "text",
    [
        *(B9, NOWHERE, "  who is\nin the   B9?", "b9 " * 90),
        *("B9 since Monday", f"{B9} from Newsdesk Europe", "What happened in December 2021?"),
    ],
)
def test_the_button_above_inline_results_asks_the_same_in_private(
    api: StandIn, ann: Person, chat: Chat, text: str
) -> None:
    button = (api.inline(ann, text).answer or {})["button"]
    link = f"https://t.me/newsdesk_bot?start={button['start_parameter']}"
    (answer,) = opened(api, ann, link)
    typed = api.person("Bob")
    assert answer.html == ask(api, typed, api.private(typed), text[:256]).html


def test_the_button_below_a_chosen_result_asks_its_question(api: StandIn, ann: Person) -> None:
    result = api.inline(ann, B9).results[0]
    (row,) = result["reply_markup"]["inline_keyboard"]
    (answer,) = opened(api, api.person("Bob"), row[0]["url"])
    assert answer.text.startswith(ANSWERED)


# Those who ask too much, those who may not, and those who look after the bot


def test_who_asks_too_much_is_told_once_and_others_do_not_notice(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    bob, here = api.person("Bob"), 3
    for n in range(MOST - here):  # each elsewhere, since a chat gets but one message a second
        ask(api, ann, api.group(f"Desk {n}", ann), f"/ask {B9}")
    asked = [api.say(ann, chat, B9) for _ in range(here + 3)]
    there = ask(api, bob, api.private(bob))
    answers = api.wait(chat, here + 1)
    assert there.text.startswith(ANSWERED)
    api.quiet(chat, 0.4)
    assert [one.reply_to for one in answers] == asked[: here + 1]
    assert [one.text for one in answers[here:]] == [
        f"That is {MOST} questions in a minute. Please wait a little before the next."
    ]
    api.edit(asked[0], TOKYO)
    api.say(ann, chat, "/help")
    api.quiet(chat, 0.4)
    assert chat.answers == answers


@pytest.mark.parametrize("kind", ["edit", "help", "photo"])
def test_whatever_it_is_that_is_too_much_the_sender_is_told(
    api: StandIn, ann: Person, kind: str
) -> None:
    places = [api.private(ann), *(api.group(f"Desk {n}", ann) for n in range(MOST - 1))]
    asked = [api.say(ann, one, f"/ask {B9}") for one in places]
    for one in places:
        api.wait(one)
    chat = places[0]
    if kind == "edit":
        api.edit(asked[0], TOKYO)
    elif kind == "help":
        api.say(ann, chat, "/help")
    else:
        api.send(ann, chat, "photo")
    assert "questions in a minute" in api.wait(chat, 2)[1].text


def test_administrators_see_figures_and_others_nothing(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    admin = api.people.setdefault(ADMIN, Person(ADMIN, "Admin"))
    desk = api.private(admin)
    ask(api, admin, desk)
    ask(api, admin, desk, NOWHERE)
    stats = ask(api, admin, desk, "/stats").text
    for words in ("questions: ", "answered ", "none ", "median ", "p95 ", "👍 ", "👎 "):
        assert words in stats
    reloaded = ask(api, admin, desk, "/reload").text
    assert reloaded.startswith("Already at ")
    assert "30 articles" in reloaded
    group = api.group("Desk", ann)
    for where in (chat, group):
        api.say(ann, where, "/stats")
        api.say(ann, where, "/reload")
    api.quiet(chat)
    assert group.answers == []


def test_a_chat_that_is_not_allowed_gets_its_id_in_one_line_and_nothing_else(
    seeds_home: Path, tmp_path: Path
) -> None:
    allowed = -1_000_000_000_101  # the stand-in's first group
    with talking(seeds_home, tmp_path / "home", allowed_chats=str(allowed)) as (api, bot):
        ann = api.person("Ann")
        inside, outside = api.group("Desk", ann), api.group("Other", ann)
        chat = api.private(ann)
        assert inside.id == allowed
        for text in ("/settings", "/settings UTC", f"/ask {B9}", "/help", "/sources", "/start"):
            api.say(ann, outside, text)
            api.say(ann, chat, text)
        api.say(ann, chat, B9)
        api.send(ann, chat, "photo")
        assert str(ann.id) in json.dumps(api.inline(ann, B9).results)
        assert NINE not in json.dumps(api.inline(ann, B9).results)
        api.quiet(chat)
        assert [str(one.id) in said(one) for one in (chat, outside)] == [True, True]
        assert ask(api, ann, inside, f"/ask {B9}").text.startswith(ANSWERED)
        admin = Person(ADMIN, "Admin")
        assert ask(api, admin, api.private(admin)).text.startswith(ANSWERED)
        clean(api, bot)


def said(chat: Chat) -> str:
    """The one line that the bot wrote."""
    line: Message
    (line,) = chat.answers
    assert "\n" not in line.text
    assert line.labels == []
    return line.text

"""Ways to ask, and every button: the real bot, talked to by people over the stand-in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from index import cli, evaluate
from index.search import Searcher
from index.settings import Settings
from index.types import Query
from index.update import update

from .botapi import Chat, Message, Person, StandIn
from .running import Running
from .support import SEEDS, write

B9 = "who is in the B9?"
COUNTRIES = "Bulgaria, the Czech Republic, Estonia, Hungary, Latvia, Lithuania, Poland, Romania"
ADMIN = 500_000


@pytest.fixture(scope="module")
def home(seeds_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("talking") / "home"
    shutil.copytree(seeds_home, place)
    return place


@pytest.fixture(scope="module")
def bot(home: Path) -> Iterator[Running]:
    with (
        StandIn() as api,
        Running(
            api,
            home,
            admins=str(ADMIN),
            telegram_messages_a_second="500",
            telegram_questions_a_minute="8",
        ) as running,
    ):
        yield running


@pytest.fixture
def api(bot: Running) -> Iterator[StandIn]:
    yield bot.api
    wrong = [one for one in bot.api.refused if "not modified" not in one[1]]
    bot.api.refused.clear()
    assert not wrong


@pytest.fixture
def ann(api: StandIn) -> Person:
    return api.person("Ann")


@pytest.fixture
def chat(api: StandIn, ann: Person) -> Chat:
    return api.private(ann)


def ask(api: StandIn, person: Person, chat: Chat, text: str = B9) -> Message:
    """Ask in a chat and return the answer."""
    before = len(chat.answers)
    api.say(person, chat, text)
    return api.wait(chat, before + 1)[-1]


def changed(api: StandIn, message: Message, press: str, by: Person) -> Message:
    """Press a button and wait until the message is another."""
    before = (message.text, message.labels)
    api.tap(by, message, press)
    api.wait_for(lambda: (message.text, message.labels) != before, what=f"a change by {press}")
    return message


def reads(message: Message, words: str) -> bool:
    return words in message.text


# Ways to ask


def test_any_text_in_private_is_a_question(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat)
    first = answer.text.split("\n")[0]
    assert COUNTRIES in first
    assert first.endswith("[1]")
    assert answer.bold()[0] == first.removesuffix(" [1]")
    assert len(answer.of("blockquote")) == 3
    assert "B9" in answer.bold()
    assert COUNTRIES in "".join(answer.of("underline"))
    assert "[1] Bucharest Nine Explained: NATO's Eastern Members" in answer.text
    assert "Newsdesk World · 10 December 2021, 08:00 · paragraph 2" in answer.text
    assert answer.html.count("<blockquote expandable>") == 3


def test_the_command_asks_too(api: StandIn, ann: Person, chat: Chat) -> None:
    assert COUNTRIES in ask(api, ann, chat, f"/ask {B9}").text
    assert COUNTRIES in ask(api, ann, chat, f"/ask@newsdesk_bot {B9}").text
    assert "Write the question behind it" in ask(api, ann, chat, "/ask").text


def test_what_is_not_there_is_said_plainly_and_cites_nothing(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat, "who painted the ceiling of the Paris opera?")
    assert answer.text.startswith(
        "I did not find this in 30 articles (from 4 April 2008 to 21 January 2022)."
    )
    assert not answer.of("blockquote") + answer.of("text_link")
    assert answer.labels == ["👍", "👎"]


def test_a_group_is_answered_by_command_in_the_topic_and_as_a_reply(
    api: StandIn, ann: Person
) -> None:
    group = api.group("Desk", ann, forum=True)
    topic = api.topic(group, "Ukraine", ann)
    question = api.say(ann, group, f"/ask {B9}", topic=topic)
    (answer,) = api.wait(group)
    assert (answer.topic, answer.reply_to) == (topic, question)
    assert COUNTRIES in answer.text


def test_a_group_is_not_bothered_otherwise(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann)
    api.say(ann, group, B9)
    api.say(ann, group, f"/ask@other_bot {B9}")
    api.say(ann, group, f"@newsdesk_bot {B9}")  # which privacy mode keeps from it
    api.send(ann, group, "photo")
    api.quiet(group)


def test_someone_elses_message_can_be_the_question(api: StandIn, ann: Person) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    theirs = api.say(bob, group, B9)
    api.say(ann, group, "/ask", reply_to=theirs)
    assert COUNTRIES in api.wait(group)[0].text


def test_a_reply_to_an_answer_asks_on(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann)
    first = ask(api, ann, group, f"/ask {B9}")
    api.say(ann, group, "where does its name come from?", reply_to=first)
    second = api.wait(group, 2)[-1]
    assert second.text.startswith(f"Understood with: {B9}")
    assert "[1] Bucharest Nine Explained" in second.text
    alone = changed(api, second, "by itself", ann)
    assert "Understood with" not in alone.text


def test_in_private_the_next_question_may_go_on_and_one_that_stands_alone_does_not(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    ask(api, ann, chat)
    assert ask(api, ann, chat, "when was that?").text.startswith(f"Understood with: {B9}")
    other = ask(api, ann, chat, "when did Facebook change its name?")
    assert "Understood with" not in other.text
    assert "Meta" in other.text


def test_a_reply_to_help_in_a_group_is_no_question(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann)
    helped = ask(api, ann, group, "/help")
    api.say(ann, group, "thanks!", reply_to=helped)
    api.quiet(group)


def test_an_edited_question_has_its_answer_edited(api: StandIn, ann: Person, chat: Chat) -> None:
    question = api.say(ann, chat, B9)
    (answer,) = api.wait(chat)
    for text, told in (("when did Facebook change its name?", "Meta"), (B9, COUNTRIES)):
        api.edit(question, text)
        api.wait_for(partial(reads, answer, told), what=told)
    assert len(chat.answers) == 1
    api.remove(question)
    assert COUNTRIES in ask(api, ann, chat).text


def test_words_that_narrow_are_told_and_can_be_undone(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat, "who is in the B9, from Newsdesk Europe?")
    assert answer.text.startswith("Only articles from Newsdesk Europe")
    assert "Newsdesk World" not in answer.text
    assert COUNTRIES in changed(api, answer, "Search everything", ann).text
    assert not [one for one in answer.labels if "Search everything" in one]
    recent = ask(api, ann, chat, "B9 since Monday")
    assert "I did not find this" in recent.text


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "poll", "location"])
def test_what_is_no_text_gets_one_friendly_line(
    api: StandIn, ann: Person, chat: Chat, kind: str
) -> None:
    api.send(ann, chat, kind)
    assert "I can only read text" in api.wait(chat)[0].text


def test_an_album_gets_one_line(api: StandIn, ann: Person, chat: Chat) -> None:
    for _ in range(4):
        api.send(ann, chat, "photo", album="7")
    api.wait(chat)
    api.quiet(chat)
    assert len(chat.answers) == 1


def test_help_offers_three_questions_that_get_an_answer(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    helped = ask(api, ann, chat, "/start")
    assert len(helped.labels) == 3
    for n, label in enumerate(helped.labels, start=2):
        api.tap(ann, helped, label)
        answer = api.wait(chat, n)[-1]
        assert len(answer.of("blockquote")) == 3
        assert not answer.text.startswith("I did not find")


def test_sources_tells_outlets_counts_and_dates(api: StandIn, ann: Person, chat: Chat) -> None:
    told = ask(api, ann, chat, "/sources").text
    assert told.startswith("30 articles (from 4 April 2008 to 21 January 2022)")
    assert "Newsdesk Europe: 5, 10 May 2021 to 14 January 2022" in told


def test_one_person_cannot_ask_without_end(api: StandIn, ann: Person, chat: Chat) -> None:
    for _ in range(11):
        api.say(ann, chat, B9)
    answers = api.wait(chat, 9, timeout=60)
    api.quiet(chat)
    assert sum("in a minute" in one.text for one in chat.answers) == 1
    assert len(answers) == len(chat.answers) == 9
    other = api.person("Bob")
    assert COUNTRIES in ask(api, other, api.private(other)).text


# Settings


def test_settings_by_button_and_by_name(api: StandIn, ann: Person, chat: Chat) -> None:
    shown = ask(api, ann, chat, "/settings")
    changed(api, shown, "1 passage", ann)
    assert "Passages in an answer: 1" in shown.text
    assert len(ask(api, ann, chat).of("blockquote")) == 1
    assert "Time zone: Europe/Bucharest" in ask(api, ann, chat, "/settings europe/bucharest").text
    assert "no time zone “Mars”" in ask(api, ann, chat, "/settings Mars").text


def test_in_a_group_only_administrators_change_settings(api: StandIn, ann: Person) -> None:
    boss = api.person("Boss")
    group = api.group("Desk", ann, boss, admins=(boss,))
    shown = ask(api, ann, group, "/settings")
    refused = api.tap(ann, shown, "1 passage")
    assert "Only administrators" in (refused.answer or {})["text"]
    assert "Passages in an answer: 3" in shown.text
    assert "Passages in an answer: 2" in changed(api, shown, "2 passages", boss).text
    assert "Only administrators" in ask(api, ann, group, "/settings UTC").text
    api.say(boss, group, "/settings Asia/Tokyo", anonymous=True)
    assert "Time zone: Asia/Tokyo" in api.wait(group, 3)[-1].text


# Buttons


def test_more_and_back_in_the_same_message(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat)
    first = answer.text
    second = changed(api, answer, "More", ann).text
    assert second.startswith(f"More on: {B9}")
    assert [f"[{n}]" in second for n in (3, 4, 5, 6)] == [False, True, True, True]
    assert changed(api, answer, "Back", ann).text == first
    assert len(chat.answers) == 1


def test_context_shows_the_passage_among_its_paragraphs(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    answer = ask(api, ann, chat)
    first = answer.text
    shown = changed(api, answer, "Context", ann)
    (marked,) = shown.of("blockquote")
    assert COUNTRIES in marked
    assert "How it began" in shown.text.replace(marked, "")
    assert "How it began" not in changed(api, answer, "2", ann).of("blockquote")[0]
    assert changed(api, answer, "Back", ann).text == first


def test_the_article_comes_whole_and_once(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat)
    api.tap(ann, answer, "Article")
    sent = api.wait(chat, 2)[-1]
    assert sent.document is not None
    name, content = sent.document
    assert name.endswith(".txt")
    text = content.decode()
    assert text.startswith("Title: Bucharest Nine Explained")
    assert "Author: Newsdesk\nSource: Newsdesk World\nDate: 10 December 2021, 08:00\n" in text
    assert "Bulgaria and Romania were the last to enter" in text
    again = api.tap(ann, answer, "Article")
    assert "already" in (again.answer or {})["text"]
    api.quiet(chat)


def test_of_several_articles_one_is_chosen(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = ask(api, ann, chat, "nato russia talks")
    shown = changed(api, answer, "Article", ann)
    assert len(shown.labels) >= 3
    api.tap(ann, answer, shown.labels[0][:20])
    sent = api.wait(chat, 2)[-1]
    assert sent.document is not None
    assert shown.labels[0][:20].encode() in sent.document[1]


def test_votes_are_counted_once_a_person_and_become_a_dataset(
    api: StandIn,
    ann: Person,
    chat: Chat,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = ask(api, ann, chat, "which nine countries make up the bucharest nine")
    told = [(api.tap(ann, answer, "👍").answer or {})["text"] for _ in range(2)]
    assert told == ["Thank you. Noted as helpful.", "That was noted already. Thank you."]
    bob = api.person("Bob")
    api.tap(bob, ask(api, bob, api.private(bob), "who painted the opera"), "👎")
    monkeypatch.setenv("NEWSDESK_HOME", str(home))
    from bot import cli as _  # noqa: F401  # the command stands there

    assert cli.run(["feedback", "--qrels", str(tmp_path / "judged")]) == 0
    dataset = evaluate.load(tmp_path / "judged")
    found = {one.text: dict(one.relevant) for one in dataset.questions}
    assert found["which nine countries make up the bucharest nine"] == {
        "bucharest-nine-explained": 1
    }
    assert cli.run(["eval", str(tmp_path / "judged")]) == 0


def test_someone_else_in_a_group_gets_it_in_private(api: StandIn, ann: Person) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob)
    answer = ask(api, ann, group, f"/ask {B9}")
    before = answer.text
    for label in ("Context", "More", "Article"):
        link = (api.tap(bob, answer, label).answer or {})["url"]
        chat = api.private(bob)
        count = len(chat.answers)
        api.say(bob, chat, f"/start {link.partition('start=')[2]}")
        api.wait(chat, count + 1)
    api.wait_for(lambda: any(one.document for one in chat.answers), what="the article")
    assert any(
        "How it began" in one.text and len(one.of("blockquote")) == 1 for one in chat.answers
    )
    assert any(one.text.startswith("More on") for one in chat.answers)
    assert answer.text == before
    assert len(group.answers) == 1


# Inline


def test_inline_gives_passages_with_citations_page_by_page(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    first = api.inline(ann, "nato russia talks")
    assert len(first.results) == 10
    second = api.inline(ann, "nato russia talks", offset=str((first.answer or {})["next_offset"]))
    ids = [one["id"] for one in (*first.results, *second.results)]
    assert len(ids) == len(set(ids)) > 10
    assert all("paragraph" in one["read"][0] for one in first.results)
    group = api.group("Desk", ann)
    sent = api.choose(ann, first, 0, group)
    assert "paragraph" in sent.text


def test_inline_says_when_nothing_is_found_and_its_button_asks_in_private(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    (nothing,) = api.inline(ann, "who painted the ceiling of the Paris opera").results
    assert nothing["title"] == "I did not find this"
    button = (api.inline(ann, B9).answer or {})["button"]
    api.say(ann, chat, f"/start {button['start_parameter']}")
    assert COUNTRIES in api.wait(chat)[0].text
    assert "Type a question" in api.inline(ann, " ").results[0]["title"]


# The library, and those who look after it


def test_the_bot_finds_what_the_terminal_finds(api: StandIn, ann: Person, home: Path) -> None:
    asked = [one.text for one in evaluate.load(SEEDS).questions if not one.unanswerable][5:15]
    with Searcher(Settings(home=home)) as searcher:
        for text in asked:
            person = api.person("Cleo")
            told = ask(api, person, api.private(person), text)
            found = searcher.ask(Query(text, 3))
            if found.verdict == "none":
                assert told.text.startswith("I did not find")
                continue
            quoted = told.of("blockquote")
            assert [one.split() for one in quoted] == [
                one.hit.passage.text.split() for one in found.passages
            ]


def test_administrators_see_figures_and_others_nothing(api: StandIn, ann: Person) -> None:
    admin = Person(ADMIN, "Admin")
    api.people[ADMIN] = admin
    chat = api.private(admin)
    ask(api, admin, chat)
    told = ask(api, admin, chat, "/stats").text
    assert "questions: " in told
    assert "median" in told
    assert "Already at" in ask(api, admin, chat, "/reload").text
    other = api.private(ann)
    api.say(ann, other, "/stats")
    api.say(ann, other, "/reload")
    api.quiet(other)


def test_a_library_that_is_updated_is_asked_at_once_and_changed_articles_are_not_shown_as_old(
    api: StandIn, ann: Person, chat: Chat, home: Path, tmp_path: Path
) -> None:
    folder = write(
        tmp_path, {"zeppelin.txt": "Zeppelin\n\nA zeppelin landed in Quito on Friday.\n"}
    )
    update(Settings(home=home), [folder])
    answer = ask(api, ann, chat, "where did the zeppelin land?")
    assert "Quito" in answer.text
    assert "31 articles" in ask(api, ann, chat, "/sources").text
    write(folder, {"zeppelin.txt": "Zeppelin\n\nThe zeppelin landed in Lima, not in Quito.\n"})
    update(Settings(home=home), [folder])
    pressed = api.tap(ann, answer, "Context")
    assert "changed" in (pressed.answer or {})["text"]
    assert "Lima" in ask(api, ann, chat, "where did the zeppelin land?").text


def test_buttons_work_after_a_restart(api: StandIn, ann: Person, chat: Chat, bot: Running) -> None:
    answer = ask(api, ann, chat)
    bot.stop()
    bot.start()
    bot.until("answers from", times=bot.told().count("answers from") + 1)
    assert "More on" in changed(api, answer, "More", ann).text
    assert (api.tap(ann, answer, "👍").answer or {})["text"].startswith("Thank you")


def test_a_chat_that_is_not_allowed_gets_its_id_and_nothing_else(
    home: Path, tmp_path: Path
) -> None:
    place = tmp_path / "home"
    shutil.copytree(home, place)
    for file in place.glob("bot.*"):
        file.unlink()
    with StandIn() as api, Running(api, place, allowed_chats="999"):
        ann = api.person("Ann")
        chat = api.private(ann)
        told = ask(api, ann, chat).text
        assert str(chat.id) in told
        assert "B9" not in told
        api.say(ann, chat, B9)
        api.say(ann, chat, "/sources")
        api.quiet(chat)
        assert str(ann.id) in json.dumps(api.inline(ann, B9).results)

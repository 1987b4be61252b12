"""People are polite, talk, forward, mistype and send pictures: what the bot makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.botapi import Chat, Person, StandIn
from tests.helpers.inprocess import InProcess, asked, settled
from tests.helpers.running import copied
from tests.helpers.talking import told

ASKED = "who reopened the harbour of Leedham?"
SAID = "The harbour of Leedham was reopened on Monday by mayor Ida Holm after repairs."


@pytest.fixture(scope="module")
def both(small_library: Path, home_of_file: Path) -> Iterator[tuple[StandIn, InProcess]]:
    """The one bot of this file, and its Telegram."""
    copied(small_library, home_of_file)
    with StandIn() as api, InProcess(api, home_of_file, telegram_questions_a_minute=100) as bot:
        yield api, bot


@pytest.fixture
def bot(both: tuple[StandIn, InProcess]) -> InProcess:
    """The bot of this file."""
    return both[1]


@pytest.fixture
def api(both: tuple[StandIn, InProcess]) -> Iterator[StandIn]:
    """Its Telegram, in which nothing of the bot's was refused."""
    yield both[0]
    refused = list(both[0].refused)
    both[0].refused.clear()
    assert refused == []


@pytest.mark.parametrize("text", ["thanks!", "ok", "lol", "🙂", "❤️❤️", "thank you so much", "👍"])
def test_small_talk_in_private_gets_a_reaction_and_is_not_searched(
    api: StandIn, bot: InProcess, ann: Person, chat: Chat, text: str
) -> None:
    before = len(bot.searcher.asked)
    message = api.say(ann, chat, text)
    api.wait_for(lambda: message.reactions, what="a reaction")
    assert chat.answers == []
    assert len(bot.searcher.asked) == before


@pytest.mark.parametrize("text", ["stop", "STOP!", "please stop", "unsubscribe"])
def test_who_wants_it_to_end_hears_how_and_nothing_is_searched(
    api: StandIn, bot: InProcess, ann: Person, chat: Chat, text: str
) -> None:
    before = len(bot.searcher.asked)
    assert "/schedule off" in asked(api, ann, chat, text).text
    assert len(bot.searcher.asked) == before


@pytest.mark.parametrize("text", ["hi", "Good morning!", "?", ".", "!!"])
def test_a_greeting_or_a_mark_in_private_gets_one_short_line(
    api: StandIn, bot: InProcess, ann: Person, chat: Chat, text: str
) -> None:
    before = len(bot.searcher.asked)
    assert "Type a question" in asked(api, ann, chat, text).text
    assert "\n" not in chat.answers[0].text
    assert len(bot.searcher.asked) == before


@pytest.mark.parametrize("text", ["help", "What can you do?", "who are you", "how does this work?"])
def test_who_asks_about_the_bot_itself_hears_what_it_does_and_nothing_is_searched(
    api: StandIn, bot: InProcess, ann: Person, chat: Chat, text: str
) -> None:
    group = api.group("Desk", ann, added=True)
    api.wait(group)
    before = len(bot.searcher.asked)
    for line in (asked(api, ann, chat, text), asked(api, ann, group, f"/ask {text}")):
        assert line.text.startswith("I answer from the news articles I hold")
        assert "/help" in line.text
    assert len(bot.searcher.asked) == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        *(("/stop", "/schedule off"), ("/unsubscribe", "/schedule off")),
        *(("/news", "mean /brief?"), ("/search harbour", "mean /ask?")),
        *(("/subscribe ferry", "mean /follow?"), ("/menu", "mean /help?")),
    ],
)
def test_commands_that_other_bots_have_are_answered_with_what_is_called_otherwise_here(
    api: StandIn, ann: Person, chat: Chat, typed: str, said: str
) -> None:
    assert said in asked(api, ann, chat, typed).text


def test_thanks_for_an_answer_in_a_group_get_nothing(
    api: StandIn, bot: InProcess, ann: Person
) -> None:
    group = api.group("Desk", ann, added=True)
    api.wait(group)  # its greeting
    answer = asked(api, ann, group, f"/ask {ASKED}")
    before = len(bot.searcher.asked)
    said = [api.say(ann, group, text, reply_to=answer) for text in ("thanks!", "ok", "🙂", "?")]
    said.append(api.say(ann, group, "/ask thanks"))
    assert SAID in asked(api, ann, group, f"/ask {ASKED}").text  # they were dealt with before
    assert len(group.answers) == 3
    assert len(bot.searcher.asked) == before + 1
    assert [one.reactions for one in said] == [[]] * 5


def test_small_talk_inline_is_not_searched(api: StandIn, bot: InProcess, ann: Person) -> None:
    before = len(bot.searcher.asked)
    for text in ("hi", "thanks", "?", "🙂"):
        (result,) = api.inline(ann, text).results
        assert result["title"] == "Type a question"
    assert len(bot.searcher.asked) == before


@pytest.mark.parametrize("kind", ["photo", "video", "document"])
def test_a_caption_is_a_question_as_text_is(
    api: StandIn, ann: Person, chat: Chat, kind: str
) -> None:
    for text in (ASKED, f"/ask {ASKED}"):
        before = len(chat.answers)
        sent = api.send(ann, chat, kind, caption=text)
        answer = settled(api, chat, before + 1)
        assert SAID in answer.text
        assert answer.reply_to is sent
    group = api.group("Desk", ann, added=True)
    api.wait(group)
    api.send(ann, group, kind, caption=f"/ask@newsdesk_bot {ASKED}")
    assert SAID in settled(api, group, 2).text


def test_a_caption_of_an_album_is_asked_once_and_its_change_changes_the_answer(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    first = api.send(ann, chat, "photo", caption=ASKED, album="9")
    api.send(ann, chat, "photo", album="9")
    answer = settled(api, chat, 1)
    assert SAID in answer.text
    api.recaption(first, "who reopened the museum of Ostby?")
    api.wait_for(lambda: "museum of Ostby" in answer.text, what="a changed answer")
    assert len(chat.answers) == 1


@pytest.mark.parametrize(
    "text", ["what is this about", "is this true?", "what do we have on that?", "?", ""]
)
def test_the_command_as_a_reply_asks_the_message_that_it_points_at(
    api: StandIn, bot: InProcess, ann: Person, text: str
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob, added=True)
    api.wait(group)
    theirs = api.say(bob, group, ASKED)
    answer = asked(api, ann, group, f"/ask {text}".strip(), reply_to=theirs)
    assert SAID in answer.text
    assert bot.searcher.asked[-1] == ASKED


def test_a_question_of_its_own_is_asked_even_as_a_reply(
    api: StandIn, bot: InProcess, ann: Person
) -> None:
    bob = api.person("Bob")
    group = api.group("Desk", ann, bob, added=True)
    api.wait(group)
    theirs = api.say(bob, group, "the museum of Ostby is lovely")
    asked(api, ann, group, f"/ask {ASKED}", reply_to=theirs)
    assert bot.searcher.asked[-1] == ASKED


def test_a_forwarded_message_is_asked_by_itself_and_the_answer_says_so(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    asked(api, ann, chat, "who reopened the museum of Ostby?")
    api.say(ann, chat, f"{SAID} It cost 1 million.", forwarded=True)
    answer = settled(api, chat, 2)
    assert answer.text.startswith("What I have on the message that you forwarded:\n")
    assert SAID in answer.text
    assert "Understood with" not in answer.text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("/aks", "/ask"), ("/breif", "/brief"), ("/folow x", "/follow"), ("/setings", "/settings")],
)
def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(
    api: StandIn, ann: Person, chat: Chat, typed: str, meant: str
) -> None:
    assert f"Did you mean {meant}?" in asked(api, ann, chat, typed).text
    group = api.group("Desk", ann, added=True)
    api.wait(group)
    api.say(ann, group, "/aks who?")  # perhaps another bot's
    named = asked(api, ann, group, f"{typed.split(maxsplit=1)[0]}@newsdesk_bot")
    assert f"Did you mean {meant}?" in named.text


def test_a_question_that_was_cut_says_so(api: StandIn, ann: Person, chat: Chat) -> None:
    answer = asked(api, ann, chat, f"{ASKED} {'and what did the town say of it ' * 100}"[:4000])
    assert answer.text.startswith("The question is long; I read its first 2,000 characters.\n")
    assert "characters" not in asked(api, ann, chat, ASKED).text


def test_a_vote_on_a_changed_answer_counts_anew(
    api: StandIn, bot: InProcess, ann: Person, chat: Chat
) -> None:
    question = api.say(ann, chat, ASKED)
    answer = settled(api, chat, 1)
    assert "Noted as helpful" in told(api, ann, answer, "👍")
    assert "noted already" in told(api, ann, answer, "👍")
    api.edit(question, "who reopened the museum of Ostby?")
    api.wait_for(lambda: "museum of Ostby" in answer.text, what="a changed answer")
    assert "Noted as helpful" in told(api, ann, answer, "👍")
    assert "Noted as not helpful" in told(api, ann, answer, "👎")


def test_an_outlet_that_is_not_held_is_named_with_those_that_are(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    held = "There is nothing from Reuters here; held are Newsdesk Test."
    assert held in asked(api, ann, chat, f"{ASKED[:-1]} from Reuters").text
    assert held in asked(api, ann, chat, "/brief harbour from Reuters").text


def test_a_group_that_adds_the_bot_hears_once_what_it_does(api: StandIn, ann: Person) -> None:
    group = api.group("Desk", ann, added=True)
    (greeting,) = api.wait(group)
    for words in ("/ask", "/brief", "/help", "@newsdesk_bot"):
        assert words in greeting.text
    api.mute(group)
    api.mute(group, muted=False)
    assert SAID in asked(api, ann, group, f"/ask {ASKED}").text
    assert len(group.answers) == 2


def test_in_an_allowed_group_all_may_use_its_buttons_and_it_stays_allowed_as_a_supergroup(
    small_library: Path, tmp_path: Path
) -> None:
    import shutil

    home = shutil.copytree(small_library, tmp_path / "home")
    with StandIn() as api, InProcess(api, home, allowed_chats=(-101,)) as bot:
        ann, bob = api.person("Ann"), api.person("Bob")
        group = api.group("Desk", ann, bob, basic=True, added=True)
        assert (group.id, len(api.wait(group))) == (-101, 1)
        answer = asked(api, ann, group, f"/ask {ASKED}")
        assert "Noted" in told(api, bob, answer, "👍")
        link = str((api.tap(bob, answer, "Context").answer or {}).get("url", ""))
        private = api.private(bob)
        api.say(bob, private, f"/start {link.partition('?start=')[2]}")
        opened = settled(api, private, 1)
        api.wait_for(lambda: "Back" in "".join(opened.labels), what="the context")
        api.tap(bob, opened, "Back")
        api.wait_for(lambda: "Back" not in "".join(opened.labels), what="the answer again")
        assert "not allowed" in asked(api, bob, private, ASKED).text
        new = api.migrate(group)
        assert SAID in asked(api, bob, new, f"/ask {ASKED}").text
        bot.stop()
        with InProcess(api, home, allowed_chats=(-101,)):
            assert SAID in asked(api, bob, new, f"/ask {ASKED}").text

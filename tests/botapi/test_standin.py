"""The stand-in is as strict as Telegram: a bot that it lets through proves something."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
import telegram
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter, TimedOut
from telegram.request import HTTPXRequest

from . import Chat, Message, Person, StandIn
from .entities import Entity, parse, units
from .errors import Refusal

Object = dict[str, Any]


@pytest.fixture
def api() -> Iterator[StandIn]:
    with StandIn() as made:
        yield made


def call(api: StandIn, method: str, **given: Any) -> Object:
    """Call a method with JSON, and give its whole answer."""
    url, headers = f"{api.url}/bot{api.token}/{method}", {"Content-Type": "application/json"}
    found: Object = httpx.post(url, content=json.dumps(given), headers=headers, timeout=20).json()
    return found


def result(api: StandIn, method: str, **given: Any) -> Any:
    told = call(api, method, **given)
    assert told["ok"], told
    return told["result"]


def why(api: StandIn, method: str, **given: Any) -> str:
    """Why a call is refused, behind its code."""
    told = call(api, method, **given)
    assert not told["ok"], told
    assert api.refused[-1:] == [(method, told["description"])] or told["error_code"] != 400
    return f"{told['error_code']} {told['description'].partition(': ')[2]}"


def updates(api: StandIn, **given: Any) -> list[Object]:
    found: list[Object] = result(api, "getUpdates", **given)
    return found


def kinds(found: list[Object]) -> list[str]:
    return [next(name for name in one if name != "update_id") for one in found]


def test_when_it_is_closed_so_is_every_connection_to_it() -> None:
    callers: list[socket.socket] = []

    def call_until_closed() -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                callers.append(socket.create_connection(("127.0.0.1", door.port)))
                callers[-1].sendall(b"GET /bot/getMe HTTP/1.1\r\nHost: x\r\n\r\n")

    for turn in range(1, 6):
        with StandIn() as door, ThreadPoolExecutor() as pool:
            pool.submit(call_until_closed)
            while len(callers) < 20 * turn:
                time.sleep(0.001)
            door.down()
    for caller in callers:
        with caller, contextlib.suppress(ConnectionResetError):
            caller.settimeout(5)
            while caller.recv(1_000_000):
                pass


# Requests


@pytest.mark.parametrize("way", ["form", "json", "multipart", "query"])
def test_parameters_come_by_form_json_multipart_and_query(
    api: StandIn, chat: Chat, way: str
) -> None:
    url = f"{api.url}/bot{api.token}/sendMessage"
    given = {"chat_id": str(chat.id), "text": "né 😀"}
    markup = {"inline_keyboard": [[{"text": "a", "callback_data": "b"}]]}
    if way == "json":
        answer = httpx.post(url, json={**given, "reply_markup": markup})
    elif way == "form":
        answer = httpx.post(url, data={**given, "reply_markup": json.dumps(markup)})
    elif way == "query":
        answer = httpx.get(url, params={**given, "reply_markup": json.dumps(markup)})
    else:
        parts = {k: (None, v) for k, v in {**given, "reply_markup": json.dumps(markup)}.items()}
        answer = httpx.post(url, files=parts)
    assert answer.json()["result"]["text"] == "né 😀"
    (message,) = chat.answers
    assert (message.text, message.labels) == ("né 😀", ["a"])


@pytest.mark.parametrize("attached", [False, True])
def test_a_file_comes_by_multipart(api: StandIn, chat: Chat, attached: bool) -> None:
    name = "file0" if attached else "document"
    given = {"chat_id": str(chat.id), "caption": "c"}
    given |= {"document": "attach://file0"} if attached else {}
    url = f"{api.url}/bot{api.token}/sendDocument"
    assert httpx.post(url, data=given, files={name: ("x.txt", b"text")}).json()["ok"]
    assert chat.answers[-1].document == ("x.txt", b"text")


def test_what_is_wrong_is_answered_with_an_error_and_never_with_404(api: StandIn) -> None:
    assert call(api, "sendPigeon")["error_code"] not in (200, 404)
    assert why(api, "sendMessage").startswith("400")
    assert why(api, "sendMessage", chat_id="@nobody", text="a") == "400 chat not found"
    assert why(api, "answerInlineQuery", results=[{}]).startswith("400")
    assert why(api, "sendDocument", chat_id=1).startswith("400")
    url = f"{api.url}/bot{api.token}/getMe"
    broken = httpx.post(url, content=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert httpx.post(f"{api.url}/bot1:wrong/getMe").status_code == 401


# Updates


def test_updates_wait_until_they_are_confirmed(api: StandIn, ann: Person, chat: Chat) -> None:
    for text in ("a", "b", "c"):
        api.say(ann, chat, text)
    first = updates(api)
    assert [one["message"]["text"] for one in first] == ["a", "b", "c"]
    assert updates(api) == first
    assert updates(api, limit=1) == first[:1]
    assert updates(api, offset=first[1]["update_id"]) == first[1:]
    assert updates(api) == first[1:]
    assert updates(api, offset=-1) == first[2:]
    assert updates(api, offset=first[2]["update_id"] + 1) == []


def test_a_poll_waits_for_what_comes(api: StandIn, ann: Person, chat: Chat) -> None:
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(updates, api, timeout=10)
        time.sleep(0.1)
        assert not poll.done()
        api.say(ann, chat, "late")
        assert poll.result(5)[0]["message"]["text"] == "late"
    start = time.monotonic()
    assert updates(api, offset=10_000, timeout=1) == []
    assert time.monotonic() - start >= 1


def test_only_updates_that_are_asked_for_come(api: StandIn, ann: Person, chat: Chat) -> None:
    updates(api, allowed_updates=["inline_query", "edited_message"])
    message = api.say(ann, chat, "a")
    api.edit(message, "b")
    api.inline(ann, "c", wait=False)
    assert kinds(updates(api)) == ["edited_message", "inline_query"]


def test_of_two_pollers_the_older_gets_409(api: StandIn, ann: Person, chat: Chat) -> None:
    with ThreadPoolExecutor() as pool:
        older: Future[Object] = pool.submit(call, api, "getUpdates", timeout=10)
        time.sleep(0.2)
        newer = pool.submit(call, api, "getUpdates", timeout=10)
        assert older.result(5)["error_code"] == 409
        api.say(ann, chat, "a")
        assert newer.result(5)["ok"]


class Hook:
    """Something that a webhook names; it fails as often as it is told."""

    def __init__(self, failing: int = 0) -> None:
        self.got: list[tuple[str | None, Object]] = []
        self.failing = failing
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                failing, hook.failing = hook.failing, max(0, hook.failing - 1)
                if not failing:
                    hook.got.append(
                        (self.headers["X-Telegram-Bot-Api-Secret-Token"], json.loads(body))
                    )
                self.send_response(500 if failing else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Hook:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def test_a_webhook_gets_updates_with_its_secret_until_it_takes_them(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.say(ann, chat, "before")
    with Hook(failing=2) as hook:
        result(api, "setWebhook", url=hook.url, secret_token="s3cret_-")
        api.wait_for(lambda: len(hook.got) == 1)
        assert why(api, "getUpdates").startswith("409 can't use getUpdates")
        api.say(ann, chat, "after")
        api.wait_for(lambda: len(hook.got) == 2 and not api.bot.updates)
        assert [secret for secret, _ in hook.got] == ["s3cret_-"] * 2
        assert [one["message"]["text"] for _, one in hook.got] == ["before", "after"]
        result(api, "deleteWebhook")
        api.say(ann, chat, "polled")
        assert [one["message"]["text"] for one in updates(api)] == ["polled"]


def test_a_webhook_ends_a_poll(api: StandIn) -> None:
    with ThreadPoolExecutor() as pool:
        poll = pool.submit(call, api, "getUpdates", timeout=10)
        time.sleep(0.2)
        result(api, "setWebhook", url="http://127.0.0.1:9/")
        assert poll.result(5)["error_code"] == 409


@pytest.mark.parametrize("secret", ["a b", "é", "a" * 257, "a/b"])
def test_a_secret_token_has_256_plain_characters_at_most(api: StandIn, secret: str) -> None:
    assert why(api, "setWebhook", url="http://x", secret_token=secret).startswith("400")
    assert api.bot.webhook == ""


def test_pending_updates_are_dropped_where_that_is_asked(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.say(ann, chat, "a")
    result(api, "deleteWebhook")
    assert len(updates(api)) == 1
    result(api, "deleteWebhook", drop_pending_updates=True)
    assert updates(api) == []


# Texts


@pytest.mark.parametrize("text", ["a", "😀", "é", "e\u0301"])
def test_texts_are_counted_in_utf_16_units_after_entities(
    api: StandIn, chat: Chat, text: str
) -> None:
    most = 4096 // units(text)
    html = {"chat_id": chat.id, "parse_mode": "HTML"}
    message = result(api, "sendMessage", **html, text=f"<b>{text * most}</b>&amp;"[: -len("&amp;")])
    edit = {"message_id": message["message_id"]}
    long = text * (most + 1)
    assert why(api, "sendMessage", **html, text=long) == "400 message is too long"
    assert why(api, "editMessageText", **html, **edit, text=long) == "400 message is too long"
    caption = text * (1024 // units(text))
    assert send_file(api, chat, caption=caption)["ok"]
    refused = send_file(api, chat, caption=caption + text)
    assert refused["description"] == "Bad Request: message caption is too long"


def send_file(api: StandIn, chat: Chat, size: int = 1, **given: Any) -> Object:
    url = f"{api.url}/bot{api.token}/sendDocument"
    files = {"document": ("x.txt", b"x" * size)}
    form = {"chat_id": str(chat.id), **given}
    found: Object = httpx.post(url, data=form, files=files, timeout=60).json()
    return found


def test_a_hundred_entities_and_no_more(api: StandIn, chat: Chat) -> None:
    html = {"chat_id": chat.id, "parse_mode": "HTML"}
    result(api, "sendMessage", **html, text="<b>a</b> " * 100)
    assert why(api, "sendMessage", **html, text="<b>a</b> " * 101) == "400 ENTITIES_TOO_MUCH"


@pytest.mark.parametrize("text", ["", " \n", "<b> </b>", "a\x00", "a\ud83d"])
def test_texts_that_are_none(api: StandIn, chat: Chat, text: str) -> None:
    why(api, "sendMessage", chat_id=chat.id, text=text, parse_mode="HTML")
    assert chat.answers == []


@pytest.mark.parametrize(
    ("html", "text", "found"),
    [
        ("a &lt;b&gt; &amp; &quot;c&quot; &#39;&#x1F600;", 'a <b> & "c" \'😀', []),
        ("😀<b>b<i>i</i></b>", "😀bi", [("bold", 2, 2), ("italic", 3, 1)]),
        ('<a href="http://x/?a=1&amp;b=\'">l</a>', "l", [("text_link", 0, 1, "http://x/?a=1&b='")]),
        ("<blockquote expandable>q <b>b</b></blockquote>", "q b", None),
        ('<pre><code class="language-python">x</code></pre>', "x", [("pre", 0, 1), ("code", 0, 1)]),
        ('<tg-time unix="1700000000" format="wDT">then</tg-time>', "then", [("date_time", 0, 4)]),
        ('<span class="tg-spoiler">s</span>', "s", [("spoiler", 0, 1)]),
        ("<u>u</u><s>s</s>", "us", [("underline", 0, 1), ("strikethrough", 1, 1)]),
        ('<a href="javascript:x">l</a><b></b>', "l", []),  # dropped, as Telegram does
    ],
)
def test_html_that_is_read(html: str, text: str, found: list[Any] | None) -> None:
    read, entities = parse(html)
    assert read == text
    if found is not None:
        assert entities == [Entity(*one) for one in found]


@pytest.mark.parametrize(
    "html",
    [
        *(
            "<",
            "a < b",
            "<&>",
            "a > b",
            "<>",
            "</b>",
            "<b>",
            "<b>a</i>",
            "<b><i>a</b></i>",
            "< b>a</b>",
        ),
        *("&", "a & b", "&nbsp;", "&lt", "&#;", "&#0;", "&#1114112;", "&#xFFFFFFFF;", "&copy;"),
        *("<p>a</p>", "<br>", "<br/>", "<h1>a</h1>", "<div>a</div>", "<!-- a -->", "<img src='x'>"),
        *(
            "<b class='x'>a</b>",
            '<a href="x>l</a>',
            "<a href=x>l</a>",
            "<a>l</a>",
            '<a href="">l</a>',
        ),
        *('<a href="http://x" title="t">l</a>', '<a href="http://x/?a=1&b=2">l</a>'),
        *('<span class="x">a</span>', "<span>a</span>", '<blockquote cite="x">a</blockquote>'),
        "<blockquote>a<blockquote>b</blockquote></blockquote>",
        "<blockquote expandable><i><blockquote>b</blockquote></i></blockquote>",
        '<blockquote expandable="yes">a</blockquote>',
        '<a href="http://x">a<a href="http://y">b</a></a>',
        *("<code><b>a</b></code>", "<b><code>a</code></b>", "<pre><i>a</i></pre>"),
        *("<tg-time>a</tg-time>", '<tg-time unix="x">a</tg-time>', "<tg-emoji>a</tg-emoji>"),
        '<tg-time unix="1" format="yyyy">a</tg-time>',
    ],
)
def test_html_that_is_refused(api: StandIn, chat: Chat, html: str) -> None:
    with pytest.raises(Refusal, match="can't parse entities"):
        parse(html)
    refused = why(api, "sendMessage", chat_id=chat.id, text=html, parse_mode="HTML")
    assert refused.startswith("400 can't parse entities")
    result(api, "sendMessage", chat_id=chat.id, text=html)  # as it stands it is only a text


def test_no_other_way_to_write_entities_is_known(api: StandIn, chat: Chat) -> None:
    given = {"chat_id": chat.id, "text": "*a*", "parse_mode": "MarkdownV2"}
    assert why(api, "sendMessage", **given).startswith("400")


# Buttons


def with_buttons(*rows: list[Object]) -> Object:
    return {"reply_markup": {"inline_keyboard": list(rows)}}


@pytest.mark.parametrize(
    "button",
    [
        {"text": "a"},
        {"text": "a", "callback_data": ""},
        {"text": "a", "callback_data": "é" * 33},
        {"text": "a", "callback_data": "b", "url": "http://x"},
        {"text": " ", "callback_data": "b"},
        {"text": "a\ud83d", "callback_data": "b"},
        {"callback_data": "b"},
        {"text": "a", "url": "file:///x"},
        {"text": "a", "url": "https://t.me/newsdesk_bot?start=" + "a" * 65},
        {"text": "a", "url": "https://t.me/newsdesk_bot?start=a+b"},
    ],
)
def test_buttons_that_are_refused(api: StandIn, chat: Chat, button: Object) -> None:
    given = {"chat_id": chat.id, "text": "a", **with_buttons([button])}
    assert why(api, "sendMessage", **given).startswith("400")
    assert chat.answers == []


def test_buttons_that_are_taken(api: StandIn, ann: Person, chat: Chat) -> None:
    row = [
        {"text": "Yes", "callback_data": "é" * 32},
        {"text": "Go", "url": "https://t.me/newsdesk_bot?start=" + "a" * 64},
        {"text": "Tell", "switch_inline_query": ""},
    ]
    result(api, "sendMessage", chat_id=chat.id, text="a", **with_buttons(row))
    api.tap(ann, chat.answers[0], "Yes", wait=False)
    (update,) = [one for one in updates(api) if "callback_query" in one]
    assert update["callback_query"]["data"] == "é" * 32
    with pytest.raises(AssertionError):
        api.tap(ann, chat.answers[0], "Go", wait=False)
    with pytest.raises(AssertionError):
        api.tap(ann, chat.answers[0], "No", wait=False)


@pytest.mark.parametrize("rows", [[9], [0], [8] * 13])
def test_a_keyboard_has_eight_in_a_row_and_a_hundred_in_all(
    api: StandIn, chat: Chat, rows: list[int]
) -> None:
    button = {"text": "a", "callback_data": "b"}
    given = with_buttons(*([button] * count for count in rows))
    assert why(api, "sendMessage", chat_id=chat.id, text="a", **given).startswith("400")


def test_a_press_is_answered_once(api: StandIn, ann: Person, chat: Chat) -> None:
    press = pressed(api, ann, chat)
    assert why(api, "answerCallbackQuery", callback_query_id=press, text="a" * 201).startswith(
        "400"
    )
    assert why(api, "answerCallbackQuery", callback_query_id=press, text="😀" * 101).startswith(
        "400"
    )
    assert why(api, "answerCallbackQuery", callback_query_id=press, url="http://x").startswith(
        "400"
    )
    link = f"https://t.me/{api.bot.person.username}?start="
    bad = link + "a" * 65
    assert why(api, "answerCallbackQuery", callback_query_id=press, url=bad).startswith("400")
    result(api, "answerCallbackQuery", callback_query_id=press, url=link + "a" * 64)
    assert "query is too old" in why(api, "answerCallbackQuery", callback_query_id=press)
    assert "query is too old" in why(api, "answerCallbackQuery", callback_query_id="1")


def pressed(api: StandIn, ann: Person, chat: Chat) -> str:
    rows = with_buttons([{"text": "Yes", "callback_data": "y"}])
    result(api, "sendMessage", chat_id=chat.id, text="a", **rows)
    return api.tap(ann, chat.answers[-1], "Yes", wait=False).id


# Messages


def test_what_does_not_change_a_message_is_refused(api: StandIn, chat: Chat) -> None:
    rows = with_buttons([{"text": "a", "callback_data": "b"}])
    here = {"chat_id": chat.id}
    html = {"parse_mode": "HTML"}
    message = result(api, "sendMessage", **here, **html, text="<b>a</b>", **rows)["message_id"]
    it = {**here, "message_id": message}
    same = "400 message is not modified"
    assert why(api, "editMessageText", **it, **html, text="<strong>a</strong>", **rows).startswith(
        same
    )
    assert why(api, "editMessageReplyMarkup", **it, **rows).startswith(same)
    result(api, "editMessageText", **it, text="a", **rows)  # no longer bold
    result(api, "editMessageReplyMarkup", **it)
    assert chat.answers[0].labels == []
    assert why(api, "editMessageReplyMarkup", **it).startswith(same)


def test_only_messages_of_its_own_that_are_there_can_be_changed(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    theirs = api.say(ann, chat, "a")
    it = {"chat_id": chat.id, "message_id": theirs.id}
    assert why(api, "editMessageText", **it, text="b") == "400 message can't be edited"
    own = result(api, "sendMessage", chat_id=chat.id, text="a")["message_id"]
    it["message_id"] = own
    result(api, "deleteMessage", **it)
    assert why(api, "editMessageText", **it, text="b") == "400 message to edit not found"
    assert why(api, "deleteMessage", **it).startswith("400")
    it["message_id"] = 99_999
    assert why(api, "editMessageText", **it, text="b") == "400 message to edit not found"
    assert send_file(api, chat)["ok"]
    it["message_id"] = chat.answers[-1].id
    assert why(api, "editMessageText", **it, text="b").startswith("400 there is no text")


def test_a_reply_needs_its_message_and_a_quote_its_words(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    theirs = api.say(ann, chat, "who is in the B9?")
    to: Object = {"message_id": theirs.id}
    given = {"chat_id": chat.id, "text": "a"}
    assert why(api, "sendMessage", **given, reply_parameters={**to, "quote": "B8"}).startswith(
        "400"
    )
    result(api, "sendMessage", **given, reply_parameters={**to, "quote": "the B9"})
    assert chat.answers[-1].reply_to is theirs
    api.remove(theirs)
    missing = "400 message to be replied not found"
    assert why(api, "sendMessage", **given, reply_parameters=to) == missing
    to["allow_sending_without_reply"] = True
    result(api, "sendMessage", **given, reply_parameters=to)
    assert chat.answers[-1].reply_to is None


@pytest.mark.slow
def test_an_upload_is_not_empty_and_not_above_50_megabytes(api: StandIn, chat: Chat) -> None:
    assert send_file(api, chat, 0)["description"] == "Bad Request: file must be non-empty"
    assert send_file(api, chat, 50_000_001)["error_code"] == 413
    assert send_file(api, chat, 49_000_000)["ok"]


# Inline


def article(name: str = "1", **more: Any) -> Object:
    content = {"message_text": "<b>a</b>", "parse_mode": "HTML"}
    found = {"type": "article", "id": name, "title": "t", "input_message_content": content}
    return {**found, **more}


@pytest.mark.parametrize(
    "given",
    [
        {"results": [article(str(number)) for number in range(51)]},
        {"results": [article("1"), article("1")]},
        {"results": [article("")]},
        {"results": [article("é" * 33)]},
        {"results": [article(title="")]},
        {"results": [article(title=" ")]},
        {"results": [article(description="\udc00")]},
        {"results": [article(type="hologram")]},
        {"results": [article(input_message_content={"message_text": "a" * 4097})]},
        {"results": [article(input_message_content={"message_text": "<", "parse_mode": "HTML"})]},
        {"results": [article(**with_buttons([{"text": "a", "callback_data": "b" * 65}]))]},
        {"results": [article()], "next_offset": "a" * 65},
        {"results": [], "button": {"text": "a", "start_parameter": "a b"}},
        {"results": [], "button": {"text": "a", "start_parameter": "a" * 65}},
        {"results": [], "button": {"text": "", "start_parameter": "a"}},
    ],
)
def test_inline_answers_that_are_refused(api: StandIn, ann: Person, given: Object) -> None:
    query = api.inline(ann, "who", wait=False)
    assert why(api, "answerInlineQuery", inline_query_id=query.id, **given).startswith("400")
    assert query.answer is None


def test_an_inline_query_is_answered_once_and_a_result_is_sent(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    query = api.inline(ann, "w" * 300, wait=False)
    (told,) = [one["inline_query"] for one in updates(api) if "inline_query" in one]
    assert (told["query"], told["id"]) == ("w" * 256, query.id)
    found = [article("é" * 32), *(article(str(number)) for number in range(49))]
    button = {"text": "a", "start_parameter": "a" * 64}
    given = {"inline_query_id": query.id, "results": found, "button": button}
    result(api, "answerInlineQuery", **given)
    assert "query is too old" in why(api, "answerInlineQuery", **given)
    sent = api.choose(ann, query, 0, chat)
    assert (sent.text, sent.bold()) == ("a", ["a"])
    assert updates(api)[-1]["message"]["via_bot"]["id"] == api.bot.person.id


# Groups


def texts(api: StandIn) -> list[str]:
    return [one["message"]["text"] for one in updates(api) if "text" in one.get("message", {})]


def test_in_privacy_mode_a_group_shows_commands_replies_and_what_came_by_way_of_it(
    api: StandIn, ann: Person
) -> None:
    group = api.group("Desk", ann)
    own = bot_says(api, group)
    other = api.say(ann, group, "plain")
    api.say(ann, group, "@newsdesk_bot who?")
    api.say(ann, group, "hello /ask who?")
    api.say(ann, group, "/ask@another_bot who?")
    api.say(ann, group, "to her", reply_to=other)
    api.send(ann, group, "photo", caption="/ask")
    assert texts(api) == []
    api.say(ann, group, "/ask who?")
    api.say(ann, group, "/ask@NewsDesk_bot who?")
    api.say(ann, group, "to it", reply_to=own)
    api.say(ann, group, "by it", via=True)
    assert texts(api) == ["/ask who?", "/ask@NewsDesk_bot who?", "to it", "by it"]
    api.edit(other, "plain, edited")
    assert kinds(updates(api))[-1] == "message"


def bot_says(api: StandIn, chat: Chat) -> Message:
    result(api, "sendMessage", chat_id=chat.id, text="I am here")
    return chat.answers[-1]


@pytest.mark.parametrize("how", ["off", "administrator"])
def test_without_privacy_mode_or_as_administrator_it_sees_all(how: str) -> None:
    with StandIn(privacy=how != "off") as api:
        ann = api.person("Ann")
        admins = (api.bot.person,) if how == "administrator" else ()
        group = api.group("Desk", ann, admins=admins)
        api.say(ann, group, "😀 @newsdesk_bot who?")
        (update,) = [one for one in updates(api) if "message" in one]
        assert update["message"]["entities"] == [{"type": "mention", "offset": 3, "length": 13}]


def test_topics_keep_what_is_said_in_them(api: StandIn, ann: Person) -> None:
    forum = api.group("Desk", ann, forum=True)
    topic = api.topic(forum, "Ukraine", ann)
    said = api.say(ann, forum, "/ask who?", topic=topic)
    told = updates(api)[-1]["message"]
    assert (told["message_thread_id"], told["is_topic_message"]) == (topic, True)
    assert told["reply_to_message"]["forum_topic_created"]["name"] == "Ukraine"
    given = {"chat_id": forum.id, "text": "a"}
    result(api, "sendMessage", **given, message_thread_id=topic)
    result(api, "sendMessage", **given, reply_parameters={"message_id": said.id})
    assert [one.topic for one in forum.answers] == [topic, topic]
    unknown = "400 message thread not found"
    assert why(api, "sendMessage", **given, message_thread_id=topic + 5) == unknown
    forum.closed.add(topic)
    closed = "400 TOPIC_CLOSED"
    assert why(api, "sendMessage", **given, message_thread_id=topic) == closed
    assert why(api, "sendMessage", **given, reply_parameters={"message_id": said.id}) == closed


def test_who_puts_the_bot_out_is_told_to_it_and_sends_get_403(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    group = api.group("Desk", ann, added=True)
    api.kick(group)
    api.block(ann)
    statuses = [
        (one["my_chat_member"]["chat"]["id"], one["my_chat_member"]["new_chat_member"]["status"])
        for one in updates(api)
    ]
    assert statuses == [(group.id, "member"), (group.id, "kicked"), (chat.id, "kicked")]
    kicked = "403 bot was kicked from the supergroup chat"
    assert why(api, "sendMessage", chat_id=group.id, text="a") == kicked
    assert why(api, "sendMessage", chat_id=chat.id, text="a") == "403 bot was blocked by the user"
    api.say(ann, group, "/ask who?")
    assert texts(api) == []
    api.add(group)
    api.unblock(ann)
    result(api, "sendMessage", chat_id=group.id, text="a")
    result(api, "sendMessage", chat_id=chat.id, text="a")
    result(api, "leaveChat", chat_id=group.id)
    left = "403 bot is not a member of the supergroup chat"
    assert why(api, "sendMessage", chat_id=group.id, text="a") == left
    assert why(api, "sendMessage", chat_id=12345, text="a") == "400 chat not found"
    silent = api.private(api.person("Bob"), started=False)
    refused = why(api, "sendMessage", chat_id=silent.id, text="a")
    assert refused == "403 bot can't initiate conversation with a user"


@pytest.mark.parametrize("told", [True, False])
def test_a_group_that_becomes_a_supergroup_says_its_new_number(
    api: StandIn, ann: Person, told: bool
) -> None:
    old = api.group("Desk", ann, basic=True)
    new = api.migrate(old, told)
    answer = call(api, "sendMessage", chat_id=old.id, text="a")
    assert answer["error_code"] == 400
    assert answer["parameters"] == {"migrate_to_chat_id": new.id}
    result(api, "sendMessage", chat_id=new.id, text="a")
    service = [one["message"] for one in updates(api) if "message" in one]
    if told:
        assert service[0]["migrate_to_chat_id"] == new.id
        assert service[1]["migrate_from_chat_id"] == old.id
    else:
        assert service == []


# The bot itself


@pytest.mark.parametrize(
    "commands",
    [
        [{"command": f"c{number}", "description": "d"} for number in range(101)],
        [{"command": "Ask", "description": "d"}],
        [{"command": "/ask", "description": "d"}],
        [{"command": "a" * 33, "description": "d"}],
        [{"command": "ask", "description": ""}],
        [{"command": "ask", "description": "d" * 257}],
    ],
)
def test_commands_that_are_refused(api: StandIn, commands: list[Object]) -> None:
    assert why(api, "setMyCommands", commands=commands).startswith("400")
    assert api.bot.commands == {}


def test_commands_are_kept_for_each_scope(api: StandIn) -> None:
    ask, help_ = ({"command": name, "description": "d"} for name in ("ask", "help"))
    scope = {"scope": {"type": "all_group_chats"}}
    result(api, "setMyCommands", commands=[ask, help_])
    result(api, "setMyCommands", commands=[ask], **scope)
    assert result(api, "getMyCommands") == [ask, help_]
    assert result(api, "getMyCommands", **scope) == [ask]
    result(api, "deleteMyCommands", **scope)
    assert result(api, "getMyCommands", **scope) == []


# Bad days, as the client library sees them


def meet(api: StandIn, chat: Chat, error: type[Exception] | None = None, **more: Any) -> Any:
    """Send a message with the client library; the error that it raises is expected."""

    async def send() -> Any:
        request = HTTPXRequest(read_timeout=more.get("read_timeout", 5))
        async with telegram.Bot(api.token, f"{api.url}/bot", request=request) as bot:
            return await bot.send_message(chat.id, "a")

    if error is None:
        return asyncio.run(send())
    with pytest.raises(error) as raised:
        asyncio.run(send())
    assert type(raised.value) is error
    return raised.value


def test_faults_are_counted_and_of_one_chat(api: StandIn, chat: Chat) -> None:
    other = api.private(api.person("Bob"))
    api.faults.add("sendMessage", 429, chat=chat, times=2, retry_after=7)
    meet(api, other)
    for _ in range(2):
        told = call(api, "sendMessage", chat_id=chat.id, text="a")
        assert (told["error_code"], told["parameters"]) == (429, {"retry_after": 7})
    meet(api, chat)
    assert [len(one.answers) for one in (chat, other)] == [1, 1]
    assert [one.code for one in api.called("sendMessage", chat)] == [429, 429, 200]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *((400, BadRequest), (403, Forbidden), (409, Conflict), (500, telegram.error.NetworkError)),
        *((502, telegram.error.NetworkError), (401, telegram.error.InvalidToken)),
    ],
)
def test_the_client_library_raises_what_a_fault_means(
    api: StandIn, chat: Chat, code: int, error: type[Exception]
) -> None:
    api.faults.add("sendMessage", code)
    meet(api, chat, error)
    assert chat.answers == []
    meet(api, chat)


def test_the_client_library_is_told_of_floods_and_moves(
    api: StandIn, ann: Person, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # it warns of what it does otherwise
    api.faults.add("sendMessage", 429, retry_after=3)
    assert meet(api, chat, RetryAfter).retry_after.total_seconds() == 3
    old = api.group("Desk", ann, basic=True)
    new = api.migrate(old)
    assert meet(api, old, ChatMigrated).new_chat_id == new.id


def test_a_reply_may_be_slow_or_lost_after_delivery(api: StandIn, chat: Chat) -> None:
    api.faults.add("sendMessage", slow=0.5)
    start = time.monotonic()
    meet(api, chat)
    assert time.monotonic() - start >= 0.5
    api.faults.add("sendMessage", lost=True)
    meet(api, chat, TimedOut, read_timeout=0.5)
    assert len(chat.answers) == 2  # it stands there all the same
    api.faults.add("sendMessage", 502, lost=True)
    meet(api, chat, telegram.error.NetworkError)
    assert len(chat.answers) == 3


def test_down_refuses_connections_and_up_takes_them_at_the_same_port(
    api: StandIn, chat: Chat
) -> None:
    url = api.url
    api.down()
    with pytest.raises(httpx.ConnectError):
        call(api, "getMe")
    api.up()
    assert api.url == url
    assert result(api, "getMe")["username"] == "newsdesk_bot"


def test_its_clock_can_be_set(api: StandIn, ann: Person, chat: Chat) -> None:
    before = api.say(ann, chat, "a").date
    api.moved = 7 * 86_400
    assert 0 <= api.say(ann, chat, "b").date - before - 7 * 86_400 < 60
    assert 0 <= before + 7 * 86_400 - api.say(ann, chat, "c", ago=60).date <= 60


# People


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "poll", "location"])
def test_the_client_library_reads_whatever_people_send(
    api: StandIn, ann: Person, chat: Chat, kind: str
) -> None:
    api.send(ann, chat, kind, caption="look")

    async def read() -> telegram.Message | None:
        async with telegram.Bot(api.token, f"{api.url}/bot") as bot:
            return (await bot.get_updates())[0].message

    message = asyncio.run(read())
    assert message
    assert getattr(message, kind)
    assert message.caption == "look"


def test_messages_are_numbered_as_telegram_does(api: StandIn, ann: Person, chat: Chat) -> None:
    bob = api.private(api.person("Bob"))
    one, two = api.group("One", ann), api.group("Two", ann)
    first, second = api.say(ann, chat, "a"), api.say(ann, bob, "a")
    assert second.id == first.id + 1  # private chats share their numbers
    assert api.say(ann, one, "a").id == api.say(ann, two, "a").id  # supergroups do not


def test_waiting_for_what_does_not_come_fails_with_what_was_seen(
    api: StandIn, ann: Person, chat: Chat
) -> None:
    api.say(ann, chat, "hello?")
    with pytest.raises(AssertionError, match="hello\\?"):
        api.wait(chat, timeout=0.1)
    api.quiet(chat, 0.05)
    with ThreadPoolExecutor() as pool:
        quiet = pool.submit(api.quiet, chat, 0.5)
        time.sleep(0.1)
        bot_says(api, chat)
        with pytest.raises(AssertionError, match="I am here"):
            quiet.result()

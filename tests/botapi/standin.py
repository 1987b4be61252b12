"""The stand-in: a Bot API server in a thread, and what tests do to it and see of it.

    with StandIn() as api:
        ann = api.person("Ann")
        chat = api.private(ann)
        ... start a bot with api.token at api.url ...
        api.say(ann, chat, "who is in the B9?")
        (answer,) = api.wait(chat)

Updates go out by long polling or by webhook; of two pollers the older gets 409.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Self

import aiohttp
from aiohttp import web

from .errors import Refusal, bad
from .faults import Fault, Faults, refusal
from .methods import Methods
from .people import People
from .world import Bot, Call, Chat, Inline, Message, Object, Person, Press

_LOST = 30.0  # seconds that a lost answer keeps the caller waiting, at most


class StandIn(People):
    """A Bot API server on this machine. What is wrong with a call is answered as Telegram does."""

    def __init__(self, privacy: bool = True, token: str = "123456:AA-stand-in_TOKEN") -> None:
        self.lock = threading.Condition(threading.RLock())
        self.token = token
        self.faults = Faults()
        self.calls: list[Call] = []
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.taps: dict[str, Press] = {}
        self.inlines: dict[str, Inline] = {}
        self.files: dict[str, bytes] = {}
        self.moved = 0.0  # seconds that the clock was moved by
        self.refused: list[tuple[str, str]] = []  # method, description: what was answered 400
        self._numbers: dict[str, int] = defaultdict(lambda: 100)
        me = Person(self.number("person"), "Newsdesk", is_bot=True, username="newsdesk_bot")
        self.people[me.id] = me
        self.bot = Bot(me, token, privacy)
        self._methods = Methods(self, self.bot)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._ready = threading.Event()
        self._closing = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._posted: set[int] = set()  # updates on their way to the webhook
        self._runner: web.AppRunner | None = None
        self._door: socket.socket
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def number(self, kind: str) -> int:
        """The next number of a kind."""
        self._numbers[kind] += 1
        return self._numbers[kind]

    def now(self) -> int:
        """The time by Telegram's clock."""
        return int(time.time() + self.moved)

    def put(self, chat: Chat, sender: Person, text: str, **more: Any) -> Message:
        """Put a message into a chat. Supergroups number their own; all others share numbers."""
        kind = f"message {chat.id}" if chat.type == "supergroup" else "message"
        self._numbers.setdefault(kind, 100 if kind == "message" else 0)
        ago = more.pop("ago", 0)
        message = Message(self.number(kind), chat, sender, int(self.now() - ago), text, **more)
        chat.messages[message.id] = message
        self.lock.notify_all()
        return message

    def update(self, kind: str, content: Object) -> int:
        """Tell the bot something."""
        with self.lock:
            number = self.number("update")
            update = {"update_id": number, kind: content}
            if self.bot.allowed and kind not in self.bot.allowed:
                return number
            self.bot.updates.append(update)
        if self.bot.webhook:
            self._loop.call_soon_threadsafe(self.post)
        return number

    def wait_for(self, ready: Callable[[], Any], timeout: float = 20, what: str = "") -> Any:
        """Wait until something is so, and return it. Raises AssertionError with what was seen."""
        end = time.monotonic() + timeout
        with self.lock:
            while True:
                found = ready()
                if found:
                    return found
                left = end - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{what or 'it'} did not happen\n{self._seen()}")
                self.lock.wait(min(left, 0.05))

    def down(self) -> None:
        """Refuse connections."""
        asyncio.run_coroutine_threadsafe(self._unlisten(), self._loop).result(20)

    def up(self) -> None:
        """Take them again, at the same port."""
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(20)

    def called(self, method: str, chat: Chat | None = None) -> list[Call]:
        """The calls of a method."""
        with self.lock:
            return [
                one
                for one in self.calls
                if one.method == method and (chat is None or one.chat == chat.id)
            ]

    def _seen(self) -> str:
        lines = [f"{one.method} {one.chat} {one.code}" for one in self.calls[-20:]]
        for chat in self.chats.values():
            lines += [f"{chat.id}: {m.sender.name}: {m.text[:200]!r}" for m in chat.shown[-5:]]
        return "\n".join([*lines, *map(str, self.refused[-5:])])

    # The server

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()

    async def _listen(self) -> None:
        app = web.Application(client_max_size=60_000_000)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/documents/{file}", self._serve_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        self._door = socket.create_server(("127.0.0.1", self.port))
        await web.SockSite(self._runner, self._door).start()
        self.port = self._door.getsockname()[1]

    async def _unlisten(self) -> None:
        if not self._runner:
            return
        # What was accepted becomes a connection only some turns later; were the door closed
        # meanwhile, asyncio would leave it open for ever.
        self._loop.remove_reader(self._door)
        await _turns()
        server = self._runner.server
        open_ = [one.transport for one in server.connections] if server else []
        await self._runner.cleanup()
        for transport in open_:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()  # one that still had something to send would wait for its reader
        await _turns()
        self._runner = None

    async def _close(self) -> None:
        with self.lock:
            self.bot.poller += 1
        self._closing.set()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._unlisten()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            given = await _given(request)
        except ValueError:
            return _failed(bad("can't parse JSON object"))
        chat = (
            int(given["chat_id"]) if str(given.get("chat_id", "")).lstrip("-").isdigit() else None
        )
        call = Call(method, given, chat, time.monotonic())
        with self.lock:
            if method != "getUpdates":
                self.calls.append(call)
            fault = self.faults.take(method, chat)
        try:
            if request.match_info["token"] != self.token:
                raise Refusal(401, "Unauthorized")
            result = await self._done(method, given, fault)
        except Refusal as error:
            call.code = error.code
            with self.lock:
                if error.code == 400:
                    self.refused.append((method, error.description))
                self.lock.notify_all()
            return _failed(error)
        with self.lock:
            self.lock.notify_all()
        return web.json_response({"ok": True, "result": result})

    async def _serve_file(self, request: web.Request) -> web.StreamResponse:
        content = self.files.get(request.match_info["file"])
        with self.lock:
            self.calls.append(Call("download", {}, None, time.monotonic()))
            fault = self.faults.take("download", None)
        if fault and fault.slow:
            await asyncio.sleep(fault.slow)
        if request.match_info["token"] != self.token or content is None:
            return web.Response(status=404)
        return web.Response(body=content)

    async def _done(self, method: str, given: Object, fault: Fault | None) -> Any:
        if fault and fault.slow:
            await asyncio.sleep(fault.slow)
        if fault and fault.code and not fault.lost:
            raise refusal(fault)
        if method == "getUpdates":
            return await self._updates(given)
        with self.lock:
            try:
                result = self._methods.call(method, given)
            except (KeyError, ValueError, TypeError, AttributeError) as error:
                raise bad(f"wrong parameters: {error!r}") from error
        if fault and fault.lost and fault.code:
            raise refusal(fault)
        if fault and fault.lost:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), _LOST)
        return result

    async def _updates(self, given: Object) -> list[Object]:
        if self.bot.webhook:
            raise Refusal(409, "Conflict: can't use getUpdates method while webhook is active")
        with self.lock:
            if float(given.get("timeout") or 0):  # one that does not wait ends nobody's wait
                self.bot.poller += 1
            mine = self.bot.poller
            self.bot.allowed = _json(given.get("allowed_updates")) or self.bot.allowed
            offset, most = int(given.get("offset") or 0), int(given.get("limit") or 100)
            if offset < 0:
                self.bot.updates = self.bot.updates[offset:]
            self.bot.updates = [u for u in self.bot.updates if u["update_id"] >= offset]
        end = time.monotonic() + float(given.get("timeout") or 0)
        while True:
            if self.bot.poller != mine:
                raise refusal(Fault("getUpdates", 409))
            with self.lock:
                found = self.bot.updates[: min(100, most)]
            if found or time.monotonic() >= end:
                return found
            await asyncio.sleep(0.005)

    def post(self) -> None:
        """Send what is pending to the webhook, if it is not on its way; in the loop's thread."""
        for update in self.bot.updates:
            if update["update_id"] not in self._posted:
                self._posted.add(update["update_id"])
                task = self._loop.create_task(self._deliver(update))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _deliver(self, update: Object) -> None:
        try:
            await self._try_webhook(update)
        finally:
            self._posted.discard(update["update_id"])

    async def _try_webhook(self, update: Object) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.bot.secret} if self.bot.secret else {}
        async with aiohttp.ClientSession() as session:
            for miss in range(1, 1000):
                if not self.bot.webhook or update not in self.bot.updates:
                    return
                try:
                    async with session.post(
                        self.bot.webhook, json=update, headers=headers
                    ) as answer:
                        if answer.status == 200:
                            with self.lock:
                                self.bot.updates = [u for u in self.bot.updates if u != update]
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(min(1.0, 0.2 * miss))


def _failed(error: Refusal) -> web.Response:
    told: Object = {"ok": False, "error_code": error.code, "description": error.description}
    told |= {"parameters": error.parameters} if error.parameters else {}
    return web.json_response(told, status=error.code)


async def _turns() -> None:
    """Let the loop do what it has before it, and what that leaves for it to do."""
    for _ in range(10):
        await asyncio.sleep(0)


async def _given(request: web.Request) -> Object:
    """The parameters of a call, by whichever way they came."""
    if request.content_type == "application/json":
        found: Object = await request.json()
        return found
    given: Object = dict(request.query)
    if request.content_type == "multipart/form-data":
        given |= _parts(await request.read(), request.headers["Content-Type"])
    else:
        given |= dict(await request.post())
    attached = str(given.get("document", ""))
    if attached.startswith("attach://"):
        given["document"] = given[attached.removeprefix("attach://")]
    return given


def _parts(body: bytes, content_type: str) -> Object:
    """The fields and files of a multipart body; aiohttp's own reader warns of itself at times."""
    boundary = content_type.partition("boundary=")[2].partition(";")[0].strip('" ')
    found: Object = {}
    for piece in (b"\r\n" + body).split(f"\r\n--{boundary}".encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        names = dict(re.findall(r'\b(name|filename)="([^"]*)"', head.decode()))
        file = "filename" in names
        found[names["name"]] = (names["filename"], content) if file else content.decode()
    return found


def _json(given: Any) -> list[str]:
    import json

    found: list[str] = json.loads(given) if isinstance(given, str) and given else given or []
    return found

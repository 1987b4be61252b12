"""Adds to the library what administrators hand over, and takes it back.

    open -> added -> taking -> taken
      `---> failed

What is accepted is written down before anybody is told; what a killed run left open or taking is
finished at the next start, and each step may be done twice. The message that tells how it goes is
changed before the state is written, so that it never tells less than is so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from newsdesk.bot import logs
from newsdesk.bot.answering.replies import FAILED
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Context
from newsdesk.bot.librarian import Found, Named
from newsdesk.bot.store.database import new_key
from newsdesk.bot.store.models import Addition, AdditionState, ChannelState, Handed
from newsdesk.bot.transport.buttons import Keyboard
from newsdesk.bot.transport.files import FileRefused
from newsdesk.bot.transport.outbox import Letter, Stopping
from newsdesk.bot.turns import Stopped
from newsdesk.bot.views import additions as view
from newsdesk.bot.views import keyboards
from newsdesk.index.errors import LibraryError, ModelError, NewsdeskError

from . import received
from .posts import article_of, channel_at

_LOG = logging.getLogger("newsdesk.feeding")
_TRIES = 3  # of an addition, in runs that ended without a word
_ENDED = "the bot ended while it was read, several times"


async def accept(context: Context, request: Request, handed: Handed) -> None:
    """Accept what an administrator hands over; how it goes is told in a message of its own."""
    await _begin(context, request, Addition(**_of(request), handed=handed, name=_name(handed)))


async def remove(context: Context, request: Request, named: Named) -> None:
    """Accept that a source or an article is removed."""
    channel = channel_at(named.place)
    if channel:  # its next post is not to bring it back
        left = ChannelState.LEFT
        await context.store.write(lambda store: store.feeding.set_channel(channel, left))
    addition = Addition(**_of(request), name=named.title, places=(named.name,))
    addition.state = AdditionState.TAKING
    await _begin(context, request, addition)


async def take_back(context: Context, addition: Addition) -> None:
    """Accept that an addition is taken back."""
    addition.state, addition.tries = AdditionState.TAKING, 0
    await context.store.write(lambda store: store.feeding.keep(addition))
    context.handed.set()


async def go_on(context: Context, addition: Addition) -> None:
    """Finish an addition, or leave it for later: for the next start where the bot ends, which
    raises Stopping or Stopped, and for a better moment where the library cannot be changed, which
    raises LibraryError or ModelError."""
    addition.tries += 1
    await _keep(context, addition)
    try:
        if addition.tries > _TRIES:
            await _fail(context, addition, _ENDED)
        elif addition.state is AdditionState.TAKING:
            await _take(context, addition)
        else:
            await _add(context, addition)
    except (Stopping, Stopped, asyncio.CancelledError):
        await _leave(context, addition)
        raise
    except (LibraryError, ModelError) as error:
        await _leave(context, addition)
        await _say(context, addition, view.waiting(addition.name, str(error)))
        raise
    except (FileRefused, NewsdeskError) as error:
        await _fail(context, addition, _reason(context, addition, error))
    except Exception as error:  # whoever sent it is told, as by every handler
        _LOG.error("an addition failed: %s", logs.described(error))
        await _fail(context, addition, FAILED)


async def _leave(context: Context, addition: Addition) -> None:
    """Note that a try has ended as it should, and not with the bot."""
    addition.tries -= 1
    await _keep(context, addition)


async def _begin(context: Context, request: Request, addition: Addition) -> None:
    if await context.store.write(lambda store: store.feeding.accept(addition)):
        context.handed.set()


def _of(request: Request) -> dict[str, Any]:
    place = {"chat": request.chat, "user": request.user, "topic": request.topic}
    came = {"reply_to": request.message, "update": request.update}
    return {"key": new_key(), "made": time.time(), **place, **came}


async def _add(context: Context, addition: Addition) -> None:
    await _say(context, addition, view.reading(addition.name))
    showing: list[asyncio.Task[None]] = []
    loop = asyncio.get_running_loop()

    def stored(found: Found) -> None:
        """Show what was read while it is encoded; called in a thread."""
        told = view.adding(_told(found))
        loop.call_soon_threadsafe(
            lambda: showing.append(loop.create_task(_say(context, addition, told)))
        )

    try:
        found = await _found(context, addition, stored)
    finally:  # not over what is said next
        await asyncio.gather(*showing, return_exceptions=True)
    addition.told, addition.places = _told(found), found.places
    if found.known:
        addition.places = ()
        await _end(context, addition, AdditionState.ADDED, view.known(addition.told))
    elif not (found.articles or found.sources):
        reason = found.failed[0][1] if found.failed else "there is nothing in it to read"
        await _fail(context, addition, reason)
    else:
        again = bool(found.failed)
        page = view.added(addition.told, found.passages, found.articles, again)
        await _end(context, addition, AdditionState.ADDED, page)


async def _found(context: Context, addition: Addition, stored: Callable[[Found], None]) -> Found:
    """Add what was handed over."""
    handed, librarian = addition.handed, context.librarian
    if handed.post:
        article = article_of(handed.post, context.settings.readers)
        return await librarian.add_article(article, addition.made, stored)
    if not handed.file_id:
        return await librarian.add(handed.names, addition.made, stored)
    file = received.path_of(context.settings.home, addition.key, handed.file)
    if not file.exists():
        content = await context.files.fetch(handed.file_id)
        await asyncio.to_thread(received.write, file, content)
    found = await librarian.add_file(file, addition.made, stored)
    if found.sources:  # of a list of feeds nothing more is needed
        await asyncio.to_thread(received.drop, context.settings.home, addition.key)
    return found


async def _take(context: Context, addition: Addition) -> None:
    """Take out what an addition brought, or what is to be removed."""
    await _say(context, addition, view.taking(addition.name))
    removed = await context.librarian.remove(addition.places)
    await asyncio.to_thread(received.drop, context.settings.home, addition.key)
    is_back = bool(addition.handed.names or addition.handed.file or addition.handed.post)
    page = view.taken(addition.name, len(removed.articles), is_back)
    await _end(context, addition, AdditionState.TAKEN, page)


async def _fail(context: Context, addition: Addition, reason: str) -> None:
    await asyncio.to_thread(received.drop, context.settings.home, addition.key)
    is_added = addition.state is AdditionState.OPEN
    page = view.failed("added" if is_added else "removed", addition.name, reason)
    await _end(context, addition, AdditionState.FAILED, page)


async def _say(
    context: Context, addition: Addition, page: str, keyboard: Keyboard | None = None
) -> None:
    """Put a page into the message of an addition, which is sent if it does not stand yet."""
    if addition.message:
        await context.outbox.edit(addition.chat, addition.message, page, keyboard)
        return
    reply_to = addition.reply_to or None
    letter = Letter(addition.chat, page, keyboard, addition.topic, reply_to)
    sent = await context.outbox.send(letter)
    if sent:
        addition.chat, addition.message = sent.chat, sent.message
        await _keep(context, addition)


async def _end(context: Context, addition: Addition, state: AdditionState, page: str) -> None:
    keyboard = None
    if state is AdditionState.ADDED and addition.places:
        keyboard = keyboards.of_addition(addition.key)
    await _say(context, addition, page, keyboard)
    addition.state, addition.tries = state, 0
    await _keep(context, addition)


async def _keep(context: Context, addition: Addition) -> None:
    await context.store.write(lambda store: store.feeding.keep(addition))


def _reason(context: Context, addition: Addition, error: Exception) -> str:
    """Why something is not added. Its name stands above that; a file has the one it was sent by."""
    file = received.path_of(context.settings.home, addition.key, addition.handed.file)
    return str(error).replace(str(file), addition.name).replace(f"{addition.name}: ", "")


def _told(found: Found) -> str:
    titles = [source.title or source.place for source in found.sources if source.kind == "feed"]
    return view.found(found.newest, found.articles, titles, found.failed)


def _name(handed: Handed) -> str:
    """What people know it by."""
    if handed.post:
        return f"{handed.post.title}, {handed.post.link}"
    return handed.file or ", ".join(handed.names)

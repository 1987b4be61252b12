"""/add, /remove, /feeds, and what administrators hand over: how the library is fed."""

from __future__ import annotations

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import ButtonPress, Request
from newsdesk.bot.context import Context
from newsdesk.bot.feeding import additions, channels
from newsdesk.bot.store.models import AdditionState, Handed
from newsdesk.bot.transport.files import MOST, too_large
from newsdesk.bot.views import feeds
from newsdesk.index.errors import UsageError
from newsdesk.index.net import is_url
from newsdesk.index.sync import KNOWN_FEEDS, known_feed

ONLY_ADMINISTRATORS = "Only this bot's administrators change where its articles come from."
_NO = f"{ONLY_ADMINISTRATORS} Type a question, such as: who is in the B9?"
HOW_TO_ADD = (
    "Write an address or a name behind it: /add https://news.example/feed. Or send me a link, a"
    " file, or a forwarded post of a channel. /feeds names feeds to begin with."
)
HOW_TO_REMOVE = "Write what to remove behind it, by its number in /feeds: /remove 3"
_NO_ADDRESS = "{name}: no http:// or https:// address, and no feed that I know by name: {known}."
_FORGOTTEN = "I no longer know what was added here. /remove takes out any source or article."
_NOT_NOW = {
    AdditionState.OPEN: "It is still being added.",
    AdditionState.TAKING: "It is being taken back.",
    AdditionState.TAKEN: "It was taken back already.",
}


async def on_add(context: Context, request: Request) -> Reply | None:
    """Add addresses, and known feeds by name."""
    names = tuple(dict.fromkeys(request.text.split()))
    if not names:
        return replies.words(HOW_TO_ADD)
    strange = next((name for name in names if not (is_url(name) or known_feed(name))), None)
    if strange:
        known = ", ".join(feed.name for feed in KNOWN_FEEDS)
        return replies.words(_NO_ADDRESS.format(name=strange[:200], known=known))
    await additions.accept(context, request, Handed(names=names))
    return None


async def on_handed(context: Context, request: Request) -> Reply | None:
    """Add a file, links, or a post of a channel; a file that is too large is not fetched."""
    handed = request.handed or Handed()
    if handed.size > MOST:
        return replies.words(f"{handed.file}: {too_large(handed.size)}")
    await additions.accept(context, request, handed)
    return None


async def on_refused(_: Context, __: Request) -> Reply:
    """Say no to someone who sends a file or a link and is no administrator of the bot."""
    return replies.words(_NO)


async def on_remove(context: Context, request: Request) -> Reply | None:
    """Remove a source with its articles, or one article."""
    if not request.text:
        return replies.words(HOW_TO_REMOVE)
    try:
        named = await context.librarian.named(request.text)
    except UsageError as error:
        return replies.words(str(error)[:1000])
    await additions.remove(context, request, named)
    return None


async def on_feeds(context: Context, _: Request) -> Reply:
    """List the sources, and offer known feeds."""
    return await _page(context, 0)


async def on_feeds_press(context: Context, press: ButtonPress) -> None:
    """Turn the pages of the sources, or add a known feed."""
    if not await _is_admin(context, press):
        return
    feed = known_feed(press.rest) if press.key == "add" else None
    if feed:
        await additions.accept(context, press.request, Handed(names=(feed.name,)))
        await press.answer(f"Adding {feed.title}")
        return
    await press.answer()
    shown = await _page(context, press.number)
    chat, message = press.request.chat, press.request.message
    await context.outbox.edit(chat, message, shown.html, shown.keyboard)


async def on_take_back(context: Context, press: ButtonPress) -> None:
    """Take back what was added."""
    if not await _is_admin(context, press):
        return
    async with context.lock(press.request.chat):  # one who presses twice takes back once
        addition = await context.store.read(lambda store: store.feeding.addition(press.key))
        if addition is None:
            await press.answer(_FORGOTTEN)
        elif addition.state is not AdditionState.ADDED:
            await press.answer(_NOT_NOW.get(addition.state, _FORGOTTEN))
        else:
            await additions.take_back(context, addition)
            await press.answer()


async def on_channel(context: Context, press: ButtonPress) -> None:
    """Read a channel, or leave it alone, as an administrator decides."""
    if not await _is_admin(context, press):
        return
    await press.answer()
    await channels.decide(context, int(press.key), press.rest == "yes")


async def _page(context: Context, number: int) -> Reply:
    states = await context.librarian.sources()
    known = {state.source.place for state in states}
    offered = [(feed.name, feed.title) for feed in KNOWN_FEEDS if feed.url not in known]
    return Reply(*feeds.listed(states, number, offered))


async def _is_admin(context: Context, press: ButtonPress) -> bool:
    is_admin = context.is_admin(press.request.user)
    if not is_admin:
        await press.answer(ONLY_ADMINISTRATORS)
    return is_admin

"""/forgetme and /forget: delete what is kept of a person, or of a chat."""

from __future__ import annotations

from newsdesk.bot.answering import replies
from newsdesk.bot.answering.replies import Reply
from newsdesk.bot.answering.requests import Request
from newsdesk.bot.context import Context
from newsdesk.bot.store.store import Store

_ME = (
    "Forgotten: your questions with their answers, your votes, and what this bot kept of your"
    " private chat. What stands in chats stays there; delete the messages if you wish."
)
_CHAT = (
    "Forgotten: all questions, answers, votes, settings, topics and schedules of this chat."
    " What stands in it stays there."
)
_ONLY_ADMINISTRATORS = "Only administrators of this group may do that. /forgetme is about you."


async def on_forget_me(context: Context, request: Request) -> Reply:
    """Delete what is kept of the sender, wherever they asked."""
    await context.store.write(lambda store: store.forget_person(request.user))
    return replies.words(_ME)


async def on_forget(context: Context, request: Request) -> Reply:
    """Delete what is kept of this chat."""
    if not request.may_change:
        return replies.words(_ONLY_ADMINISTRATORS)
    chat, moves = request.chat, not context.settings.allowed_chats

    def forget(store: Store) -> None:
        store.forget_chat(chat, moves)  # by its former ids a group may be one that is allowed
        if request.private:
            store.forget_person(chat)

    await context.store.write(forget)
    return replies.words(_CHAT)

"""What the bot is and can do."""

from __future__ import annotations

from newsdesk.bot.transport.html import Page

NOT_ALLOWED = "This chat is not allowed here. Its id, for the administrator: {chat}"


def greeting(username: str) -> str:
    """What the bot says in a group that it was added to."""
    page = Page()
    page.add("I answer questions from the news articles I hold", "b")
    page.add(", with the passage and where it stands. I am silent unless asked:\n\n")
    page.add("/ask who is in the B9?").add("\n/ask as a reply asks that message; a reply to my")
    page.add(f" answer asks on; @{username} and a question works in any chat.\n")
    page.add("/brief tells what is new, /help says the rest.")
    return page.html


def page(username: str, private: bool, examples: bool) -> str:
    """The text of /help, for a private chat or a group, with or without questions to press."""
    page = Page()
    page.add("Ask me about the articles I hold.", "b")
    page.add(
        " You get the passage that answers, the sentence in it, and where it stands: title, source,"
        " date, paragraph. Every word is from an article; what is not there I do not answer."
    )
    how = "Just type your question." if private else "/ask and your question, here."
    page.add(f"\n\n{how} Reply to an answer to ask on: “and who leads it?”")
    page.add("\nNarrow it in words: “since Monday”, “in December 2021”, “from Reuters”,")
    page.add(" “articles in German”.")
    page.add("\nIn a group: /ask and the question, or /ask as a reply to someone's message.")
    page.add(f"\nIn any chat: @{username} and the question.")
    page.add(
        "\n\nWhat is new: /brief, or “what did I miss?”. /follow a topic, and /schedule has me"
    )
    page.add(" tell what is new in it by myself; /topics shows what is followed.")
    page.add("\n\n/sources: what is here\n/settings: time zone, length of answers")
    if examples:
        page.add("\n\nTry one of these:")
    return page.html

"""Questions as people put them, without what is only polite: "hi, who is in the B9? thanks".

Greetings, thanks, "please", "can you tell me", the bot's own name, emoji and repeated marks say
nothing about what is asked, but a search takes every word in earnest. They are taken off at both
ends, and only where the word can be nothing else: "Hello Kitty" and "Thank You for Smoking" stay,
since a greeting counts only before a mark or a word that begins a question.
"""

from __future__ import annotations

import re

from newsdesk.index.text.patterns import LatePattern

_ASKING = (  # a word that begins a question or a request
    r"(?:who(?:m|se|'s|’s)?|what(?:'s|’s)?|when(?:'s|’s)?|where(?:'s|’s)?|why|how|which|is|are|was"
    r"|were|do|does|did|has|have|had|can|could|will|would|should|shall|may|am|isn['’]t|aren['’]t"
    r"|didn['’]t|doesn['’]t|won['’]t|tell|show|find|explain|give|any(?:one|body)?|please|pls|plz"
    r"|i|i['’](?:d|m|ve)|we|let|in|on|at|by|from|to|with|since|after|before|during|under)"
)
_TO_ME = r"(?: me| us)?"
_KINDLY = r"(?:please |pls |plz |kindly |maybe |possibly |perhaps |just )*"
_WH = r"(?=(?:who|what|when|where|why|how|which|whom|whose)\b)"
_IF = r"(?:(?:if|whether) )"
_MARK = r"(?:\s*[,;:!.…]+\s*|\s+[–—-]+\s+|—)"
_GREETING = (
    r"(?:hi+|hello+|hey+|heya|hiya|howdy|yo|hola|greetings|good (?:morning|afternoon|evening|day)"
    r"|morning|evening|dear)"
)
_ADDRESSED = (
    r"(?:@\w*bot|news ?desk|news ?bot|bot|assistant|there|all|everyone|everybody|guys|folks|team"
    r"|again|friends?|sir|madam|buddy|mate|dear)"
)
_AFTER_THANKS = (
    r"(?: (?:so much|very much|a lot|a bunch|again|in advance|bot|mate|you all|all|everyone|guys"
    r"|for (?:your|the|any) help))*"
)
_FIRST = (
    # Greetings, the bot's name, thanks and excuses before what is asked.
    rf"{_GREETING}(?: {_ADDRESSED})*(?:{_MARK}|\s+(?={_ASKING}\b))",
    rf"{_GREETING}\s+@\w*bot\b\W*",
    r"@\w*bot\b[\s,:;!.–—-]*",
    rf"(?:news ?desk|news ?bot|bot){_MARK}",
    r"(?:ok(?:ay)?|great|cool|nice|perfect|awesome|wow|super|lovely|brilliant|alright|well|so)"
    rf"(?:,\s*|\s+)?(?:thanks|thank you|thx|cheers){_MARK}",
    rf"(?:thanks|thank you|thx|ty|cheers){_AFTER_THANKS}(?:{_MARK}"
    rf"|\s+(?:and|but)\s+(?={_ASKING}\b))",
    rf"(?:please|pls|plz)(?:{_MARK}|\s+(?!please\b)(?={_ASKING}\b))",
    rf"(?:sorry|excuse me|pardon(?: me)?|apologies)(?: (?:to|for) (?:bother|disturb|ask)(?:ing)?"
    rf"(?: you)?(?: again)?)?(?:,? but\s+|{_MARK}|\s+(?={_ASKING}\b))",
    r"(?:just )?(?:(?:a|one|another) )?(?:quick|short|simple|stupid|dumb|silly|small)(?: \w+)?"
    rf" (?:question|one)(?:{_MARK}|\s+(?={_ASKING}\b))",
    rf"(?:i (?:have|had|got) (?:a|one|another) (?:\w+ )?question|(?:my )?question){_MARK}",
    rf"(?:if (?:you don['’]t mind|i may(?: ask)?|possible|that['’]s ok(?:ay)?)){_MARK}",
    # Requests, of which only what follows is the question.
    rf"(?:can|could|would|will) (?:you|u|someone|anyone|somebody|anybody) {_KINDLY}"
    rf"(?:tell|say|explain|let|show|inform|help|remind|advise|find out|look up|check)"
    rf"(?: to)?{_TO_ME}(?: know| understand| find out)? {_KINDLY}(?:{_WH}|{_IF})",
    rf"(?:can|could|would|will) (?:you|u) {_KINDLY}(?=(?:tell|say|explain|show|give)\b)",
    rf"(?:can|could|may|might) i {_KINDLY}(?:ask|know)(?: you)? {_KINDLY}(?:{_WH}|{_IF})",
    rf"(?:do|does|did|would) (?:you|u|y['’]all|anyone|anybody|someone|any of you)"
    rf"(?: guys| here)?(?: happen to)? (?:know|remember|recall) {_KINDLY}(?:{_WH}|{_IF})",
    rf"(?:have you|you) (?:got )?any (?:idea|clue) (?:of |about )?(?:{_WH}|{_IF})",
    rf"(?:any|anyone (?:have|has) (?:an|any)|do you have (?:an|any)|got any) (?:idea|clue)s?"
    rf"(?: of| about| on)? (?:{_WH}|{_IF})",
    rf"(?:i|we)(?: would|['’]d| am|['’]m)? {_KINDLY}(?:really )?(?:like|love|want|need|wish|trying)"
    rf" to (?:know|ask|find out|understand|learn)(?: you)? {_KINDLY}(?:{_WH}|{_IF})",
    rf"(?:i|we)(?: was| am|['’]m|['’]ve been| were|['’]re)? ?(?:just |only )?"
    rf"(?:wonder(?:ing|ed)?|curious(?: to know)?|interested to know|not sure)"
    rf"{_MARK}?\s*(?:{_WH}|{_IF})",
    rf"(?:just )?(?:wondering|curious)(?: to know)?{_MARK}?\s*(?:{_WH}|{_IF})",
    rf"(?:tell|remind|let|show){_TO_ME}(?: know)? {_KINDLY}{_WH}",
    rf"(?:help{_TO_ME} (?:find out|understand)|find out|please explain) {_WH}",
)
_LAST = (
    r"[\s,;–—-]+(?:please|pls|plz|if you (?:please|could|can|know|would)|if possible"
    r"|if you don['’]t mind)(?=\W*$)",
    r"(?<=[?!.,;…)\n–—-])\s*(?:many |big )?(?:thanks|thank you|thank u|thx|ty|tia|cheers|tnx)"
    rf"{_AFTER_THANKS}(?=\W*$)",
    rf"(?<=\w)\s+(?:(?:many )?thanks|thank you|thx|tia|cheers|tnx){_AFTER_THANKS}(?=\W*$)",
    r"(?<=[?!.,;)\n])\s*(?:do (?:you|u) know|any ?(?:one|body)(?: knows?)?|any ideas?|any clue"
    r"|(?:just )?(?:curious|wondering|asking)|help|best(?: regards)?|regards|bye|good ?bye|"
    r"have a (?:nice|good|great) (?:day|evening|weekend|one))(?=\W*$)",
    r"[\s,]+@\w*bot\b(?=\W*$)",
    r"(?<=[?!.])\s*(?:x+|xo+|lol|haha+|hehe+)(?=\W*$)",
)
# What thanks may be an object of: "who gave thanks".
_GIVES = re.compile(
    r"\b(?:g[ai]v(?:e|es|ing|en)|sa(?:y|ys|id|ying)|sends?|sent|owes?|owed|express(?:es|ed)?|of|with|"
    r"for|no|his|her|their|the|a|to|and|in|her|offer(?:s|ed)?|word|speech|song|called|write|wrote)\s*$",
    re.IGNORECASE,
)
_EMOJI = re.compile(
    "[\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
    "[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]*"
)
_EMOTICON = re.compile(
    r"(?:^|(?<=\s)|(?<=[?!.]))(?:[:;=8][-'^o]?[)(\]\[DPpO/|]|x[Dd]|<3|\^\^)(?=\s|$)"
)
_MARKS = re.compile(r"[?!]{2,}")
_DOTS = re.compile(r"(?<=[?!])\s*[.…]{2,}|(?:\.{2,}|…)\s*(?=[?!])|\.{4,}")
_BEGIN = LatePattern("|".join(rf"(?:{part})" for part in _FIRST))
_MAY_BEGIN = re.compile(  # how each of those does
    r"\s*(?:@|hi|hello|hey|howdy|yo|hola|greetings|good|morning|evening|dear|news|bot|ok|great|cool"
    r"|nice|perfect|awesome|wow|super|lovely|brilliant|alright|well|so|thank|thx|ty|cheers|pl[ezs]"
    r"|excuse|pardon|apologies|just|an?(?:other|y)?\b|any(?:one|body)|one|quick|short|simple|stupid"
    r"|dumb|silly|small|(?:i|we)(?:\b|just|only|wonder|curious|interested|not)|my\b|question|if\b|can\b|could|would|will\b|may\b|might\b|do|did"
    r"|have\b|you\b|got\b|wondering|curious|tell|remind|let\b|show\b|help|find\b)",
    re.IGNORECASE,
)
_END = re.compile("|".join(rf"(?:{part})" for part in _LAST), re.IGNORECASE)
_IDLE = " \t\n\r,;:–—-"


def without_courtesy(text: str) -> str:
    """The question in `text` without what is only polite; `text` where nothing else is left.

    >>> without_courtesy("hi @news_bot, can you please tell me who is in the B9??? thanks 🙂")
    'who is in the B9?'
    >>> without_courtesy("Hello Kitty sales")
    'Hello Kitty sales'
    """
    bare = _DOTS.sub("", _MARKS.sub(_one_mark, _EMOTICON.sub(" ", _EMOJI.sub(" ", text))))
    bare = bare.strip()
    while (shorter := _shorter(bare)) != bare:
        bare = shorter
    says_something = any(character.isalnum() for character in bare)
    return bare if says_something and bare != text.strip() else text


def is_bare_courtesy(text: str) -> bool:
    """Whether a text is nothing but politeness: "thanks!", "ok", "🙂", "?".

    >>> [is_bare_courtesy(text) for text in ("Thank you so much!", "lol", "👍", "thanks to whom?")]
    [True, True, True, False]
    """
    plain = _EMOTICON.sub(" ", _EMOJI.sub(" ", text))
    words = re.sub(r"[^\w'’@]+", " ", plain).strip().casefold()
    return not words or bool(_SMALL_TALK.fullmatch(words))


_SMALL_TALK = re.compile(
    r"(?:(?:thanks|thank you|thank u|thx|ty|tnx|cheers|ok|okay|okey|k|kk|lol|lmao|rofl"
    r"|ha(?:ha)+|he(?:he)+"
    r"|hi+|hello+|hey+|hiya|howdy|yo|good (?:morning|afternoon|evening|night|day|bye|job|bot|one)"
    r"|goodbye|bye(?: bye)?|see you|cool|nice|great|super|perfect|awesome|wow|yes|yeah|yep|no|nope"
    r"|sure|right|hm+|oh|ah|got it|i see|understood|well done|very good|good|fine|amazing"
    r"|so much|very much|a lot|again|in advance|for (?:the|your) (?:help|answer|info)|bot|there"
    r"|all|everyone|guys|mate|that helps?(?: a lot)?|you['’]?re (?:welcome|great|the best)"
    r"|no problem|np|please|sorry|@\w*bot)\b\s*)+"
)


def _one_mark(match: re.Match[str]) -> str:
    return "?" if "?" in match.group() else "!"


def _shorter(text: str) -> str:
    """The text without one piece of courtesy at either end."""
    first = _BEGIN.match(text) if _MAY_BEGIN.match(text) else None
    if first and first.end() and _says_something(text[first.end() :]):
        return text[first.end() :].lstrip(_IDLE + "!.")
    last = _END.search(text)
    if last and _says_something(text[: last.start()]) and not _GIVES.search(text[: last.start()]):
        return _MARKS.sub(
            _one_mark, text[: last.start()].rstrip(_IDLE) + text[last.end() :].strip(" !.")
        )
    return text


def _says_something(text: str) -> bool:
    return bool(re.search(r"\w\w", text))

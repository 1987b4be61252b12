"""Reads the lines around a headline: kicker, byline, dateline, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from newsdesk.index.errors import Refused

from .dates import DayFirst, read_date

_PARTICLE = (
    "and|&|in|for|of|the|de|del|della|delle|dei|degli|der|den|des|di|da|das|do|dos|du|van|von|vom|"
    "zu|zum|zur|bin|bint|ibn|al|el|la|le|las|los|lo|ter|ten|te|op|'t|’t|y|e|et|i|und|af|av|och|og|"
    "at|with|bar|ben|mac|ap|san|st"
)
_NAME = rf"(?:(?:(?:al|el|as|ad|an|ar|ul|ibn|d|l|o)[-'’])?[^\W\d_a-z][^\s|]*?|{_PARTICLE})"
_NAMES = rf"(?:{_NAME})(?:\s+{_NAME}){{0,11}}?(?<![!?:;])"
_BY = re.compile(
    r"(?i:(?:(?:written|words|story|report|reporting|posted|analysis|interview)\s+)?by)\s*:?\s+"
    r"(?!(?:the|in|of|for|and|at)\b)|(?i:author|autor|auteur|autore|byline)s?\s*:\s*"
)
_BY_ELSEWHERE = re.compile(  # "by" of other languages, before two names; some headlines begin so
    r"(?i:von|par|por|door|di|av|af)\s+(?=[^\W\d_a-z]\S+\s+\S)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
_NAMED = re.compile(_NAMES)
_DAYS = re.compile(rf"(?:{_MONTH}|{_WEEKDAY}|\d+|\s)+", re.IGNORECASE)
_PERSON = re.compile(
    r"[^\W\d_a-z](?:\.(?:\s?[^\W\d_a-z]\.)*|[^\W\d_]+(?:[-’'][^\W\d_]+)*)"
    rf"(?:\s+(?:{_PARTICLE}|[^\W\d_a-z]\.?|[^\W\d_a-z]\.\s?[^\W\d_a-z]\.))*"
    r"(?:\s+[^\W\d_a-z][^\W\d_]+(?:[-’'][^\W\d_]+)*){1,3}"
)
_AND = re.compile(r",\s+(?:and\s+)?|\s+(?:and|&|und|et|y|e)\s+", re.IGNORECASE)
_OF_ONE_WORD = re.compile(r"\S+")
_YEAR = re.compile(r"\b\d{4}\b")
_DIGIT = re.compile(r"\d")
_COMMA = re.compile(r",\s+")
_LENGTH = 200  # characters at most of a byline
_SHORT_LINE = 80  # and of a line that is only a name, a source or a label
_PART_WORDS = 10  # at most, of a part between two strokes
_ROLE_WORDS = 8  # at most, of a role on a line of its own
_SHORT = 5  # words at most of a part that may end with a full stop: "Coast Post Ltd."
_ACRONYM = 4  # letters at most of a source in capitals that is not known
_SENTENCE_END = re.compile(r"[^\W\d_]{4,}\.\Z")
_DIVIDER = re.compile(
    r"\s*[|•·∙▪¦]\s*|\s+[-–—/]{1,2}\s+|"
    r"(?i:(?<!written)(?<!words)(?<!story)(?<!report)(?<!reporting)(?<!posted))"
    r"\s+(?=[Bb][Yy]\s+[^\W\d_a-z])"
)
_DAY = (
    rf"(?:{_WEEKDAY},?\s+)?(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}|{_MONTH}\s+\d{{1,2}}\b|"
    r"\d{4}-\d\d?-\d|\d{1,2}[./]\d{1,2}[./]\d)"
)
_TOLD = (
    r"(?:(?:(?:first|last|originally)\s+)?(?:updated|published|posted|modified|edited|created|"
    r"printed|revised|filed|issued|date|on|at|veröffentlicht|aktualisiert|stand|publié|mis à jour|"
    r"le|am|publicado|actualizado|atualizado|pubblicato|aggiornato|il|el)\b\s*:?\s*)"
)
_DATE_TAIL = re.compile(rf"[,\s]+{_TOLD}*(?P<date>{_DAY}.*)\Z", re.IGNORECASE)
_DATELINE = re.compile(
    rf"(?P<told>{_TOLD}*)(?P<date>(?:[^.!?]|(?<=\b\w{{3}})\.|(?<=\bsept)\.|(?<=\d)\.){{3,50}}"
    r"\d{4}(?:[^.!?]|(?<=\d)\.(?=\s*\d)){0,30}?(?:[ap]\.?m\.?)?[^.!?]{0,12}\.?"
    r"|\d{4}-\d\d-\d\d.{0,15}|\d{1,2}[./]\d{1,2}[./]\d\d(?:\s.{0,15})?)",
    re.IGNORECASE,
)
_LIKE_DATE = re.compile(rf"\b(?:{_WEEKDAY}|{_MONTH}|\d{{1,2}}[./-]\d|\d{{4}}\b)", re.IGNORECASE)
_UPDATE = re.compile(
    r"updat|modif|edit|revis|aktualis|jour|actualiz|atualiz|aggiorn", re.IGNORECASE
)
_UNIT = (
    r"(?:s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?|d(?:ays?)?|w(?:eeks?)?|"
    r"months?|years?)"
)
_ASIDE = re.compile(  # what stands beside a byline and says nothing of the article
    rf"(?:{_TOLD}\s*)*(?:(?:about\s+|over\s+)?(?:an?|one|two|three|\d+)\s*{_UNIT}\s+ago|just now|"
    r"today|yesterday|moments ago)(?:\s+(?:at\s+)?\d.{0,12})?"
    rf"|(?:\d+|one|two|three|four|five)[\s-]*{_UNIT}\s*(?:read|to read|listen)|\d+\s*(?:min|m|h|d)"
    r"|reading time:?.{0,20}|\d[\d,.]*k?\s+(?:comments?|shares?|views?|likes?)|comments?|share|"
    r"save|listen|print|e-?mail|follow|copy link|add to .{0,20}|@\w+|"
    r"\S+@\S+\.\w+|(?:twitter|x):?\s*@\w+"
    r"|(?:\d{1,2}[:.]\d\d(?:\s*[ap]\.?m\.?)?|\d{1,2}\s*[ap]\.?m\.?)(?:\s+[A-Z]{2,5})?"
    # The same of other languages: "vor 3 Stunden", "il y a 3 heures", "Lesezeit: 5 Minuten".
    r"|(?:vor|il y a|hace|há|for|för|przed|před)\s+(?:\d+|ein\w*|une?|una?|uma?)\s+\w{3,9}\.?"
    r"(?:\s+sed?en)?|(?:\d+|een|un[ao]?|en|et)\s+\w{3,9}\.?\s+"
    r"(?:geleden|fa|atrás|siden|sedan|sitten|temu|önce|назад|тому)"
    r"|(?:lesezeit|lesedauer|temps de lecture|lecture|tiempo de lectura|lectura|tempo di lettura|"
    r"tempo de leitura|leestijd|lesetid|lästid|læsetid|czas czytania)\s*:?\s*\d+\s*\w{1,8}\.?"
    r"|\d+\s*min\w*\.?\s*(?:lesezeit|de lecture|de lectura|di lettura|de leitura|leestijd|lesetid|"
    r"lästid|læsetid)",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?i:(?:[^\W\d_][\w&.'’-]*[\s,]+){0,6}?(?:correspondent|editor|reporter|writer|journalist|"
    r"columnist|producer|analyst|photographer|critic|chief|contributor|researcher|presenter|author|"
    r"staff|fellow|blogger|commentator|broadcaster|intern|anchor|host|redakteur(?:in)?|"
    r"korrespondent(?:in)?|journaliste|corresponsal|corrispondente)s?)"
    r"(?P<of>(?:[\s,]+(?:(?i:at|in|for|of|on|and|the|&)|[^\W\d_a-z][\w&.'’-]*)){0,6})"
)
_OF_ROLE = re.compile(r"[\s,]+(?:(?:at|for|of)\s+)?(?P<source>.+)")
_OUTLET = re.compile(
    r"\d|\b(?i:news|newspapers?|times|post|press|reuters|agenc[ye]|agence|agentur|daily|herald|tribune|journal|"
    r"gazette|guardian|telegraph|mail|mirror|independent|observer|standard|bloomberg|radio|tv|"
    r"television|channel|today|weekly|magazine|media|network|wire|chronicle|globe|bulletin|courier|"
    r"express|echo|argus|sun|star|zeitung|spiegel|monde|figaro|país|mundo|presse|rundschau|"
    r"broadcasting|service|online|world|review|examiner|register|sentinel|dispatch|inquirer)\b|\b[A-Z]{2,6}\b|\.(?:com|org|net|co\.uk|de|fr)\b"
)
_OUTLET_NAME = re.compile(  # of a source on a line of its own, with nothing else to tell it by
    r"(?i:the\s+)?(?:[^\W\d_a-z][\w.&’'-]*\s+(?i:of\s+|and\s+|&\s+)?){1,2}(?i:news|newspapers?|"
    r"times|post|press|agency|agence|agentur|herald|tribune|journal|gazette|guardian|telegraph|"
    r"mail|mirror|independent|observer|standard|radio|tv|television|weekly|magazine|media|network|"
    r"chronicle|globe|bulletin|courier|express|echo|argus|zeitung|rundschau|examiner|register|"
    r"sentinel|dispatch|inquirer|daily|online)"
    r"|(?i:reuters|bloomberg|associated press|agence france-presse|press association|bbc|cnn|afp|"
    r"ap|dpa|npr|pbs|itv|euronews|al jazeera|politico|axios|le monde|le figaro|el país|el mundo|"
    r"la repubblica|der spiegel|die zeit|the (?:sun|star|times|economist|atlantic|conversation|"
    r"independent|guardian|observer|mirror|telegraph|herald|scotsman|irish times))"
    r"|[^\W\d_]{3,}(?i:zeitung|rundschau|anzeiger|kurier|nachrichten|presse|blatt|bladet|posten|"
    r"tidende|tidningen|avisen|krant|dagblad|lehti)"
    r"|(?i:(?:www\.)?[a-z\d-]+(?:\.[a-z\d-]+)*\.(?:com|org|net|news|co\.uk|de|fr|es|it|nl|"
    r"example))"
)
_OUTLET_OF_ONE_WORD = re.compile(  # beside an author: "NRK", "Digi24"
    r"[^\W\d_a-z]{2,3}|[^\W\d_]+\d{1,2}"
)
_NO_OUTLET = re.compile(
    r"(?:the\s+)?(?:good|bad|fake|more|other|old|big|in\s+the|hard|best|worst|great|no|new)\s+"
    r"(?:news|times|post|press|media)",
    re.IGNORECASE,
)
_PLACE = re.compile(  # "Ann Reed in Kyiv and Bob Lee in the Hague"
    r"\s+in\s+(?:the\s+)?[^\W\d_a-z][\w.’'-]*(?:\s+[^\W\d_a-z][\w.’'-]*)?(?=\s+and\b|,|\Z)"
)
_PLACE_NAME = r"[^\W\d_a-z][\w.’'-]*(?:\s+[^\W\d_a-z][\w.’'-]*){0,2}"
_PLACE_AND_DATE = re.compile(  # "LEEDHAM, Norland, 3 March 2026"
    rf"(?!(?i:{_MONTH}|{_WEEKDAY}))(?P<place>{_PLACE_NAME}"
    rf"(?:,\s+(?!(?i:{_MONTH}|{_WEEKDAY})){_PLACE_NAME})?),\s+(?P<date>(?i:{_DAY}).*)"
)
_DATE_AND_PLACE = re.compile(rf"(?P<date>(?i:{_DAY}).*?\b\d{{4}}),?\s+(?P<place>{_PLACE_NAME})")
_DATELINE_OF_TEXT = re.compile(  # "LEEDHAM, 3 March 2026 (Reuters) - The ferry to the island"
    rf"(?:{_PLACE_NAME}(?:,\s+{_PLACE_NAME})?(?:,\s+(?P<date>(?i:{_DAY})[^()]{{0,12}}?))?\s+)?"
    r"\((?P<source>[^\W\d_][^\s()]*(?:\s+[^\W\d_a-z][^\s()]*){0,2})\)\s*(?:--?|–|—)\s+\S"
)
_FOR = re.compile(r"(?:\s+for\s+(?:the\s+)?|\s*\()(?P<source>[^()]+?)\)?\Z")
_OF = re.compile(r"\s+of\s+(?P<source>(?:the\s+)?[^()]+)\Z", re.IGNORECASE)
_SOURCE_LABEL = re.compile(
    r"(?i:source|outlet|newspaper|website|publisher|publication|quelle|fuente|fonte|bron)\s*:\s*(?P<labelled>\S.*)"
    r"|(?i:published by|from|via|©|\(c\))\s+(?P<named>\S.*)|\((?P<enclosed>[^()]+)\)"
)
_OPEN = re.compile(  # a line whose byline goes on in the next
    rf"(?:(?:written|words|story|report|reporting|posted)\s+)?by:?|{_TOLD}+|authors?:?|sources?:?",
    re.IGNORECASE,
)
_OPEN_END = re.compile(rf".*[,|•·∙▪¦&–—-]|(?:{_PARTICLE})", re.IGNORECASE)  # its last word
_GOES_ON = re.compile(r"[,|•·∙▪¦&–—]|(?:and|und|et|y|e|og|och|en)\s", re.IGNORECASE)
_TITLES = frozenset(
    {"Jr", "Jr.", "Sr", "Sr.", "MD", "M.D.", "PhD", "Ph.D.", "II", "III", "QC", "KC"}
)
_AUTHOR_ABOVE = 4  # words at most of a byline above the headline, which may be the headline itself
_KICKERS = (
    r"breaking(?:\s+news)?|exclusive|live(?:\s+(?:updates?|blog|coverage|now))?|just in|developing"
    r"(?:\s+story)?|(?:news\s+)?alert|update[ds]?|watch|video|listen|podcast|gallery|pictures|"
    r"in pictures|photos|opinion|analysis|comment(?:ary)?|editorial|letters?|column|interview|"
    r"explainer|explained|feature[ds]?|review|obituary|obituaries|profile|investigation|"
    r"special report|report|long read|the big read|fact[\s-]?check|news|top stor(?:y|ies)|"
    r"world(?:\s+news)?|(?:uk|us|u\.s\.|eu|local|national|international|regional|business|sports?|"
    r"political|tech|home|city)(?:\s+news)?|politics|(?:uk|us|world)\s+politics|business|economy|"
    r"finance|money|markets?|tech(?:nology)?|science(?:\s+(?:&|and)\s+environment)?|health|"
    r"environment|climate|education|culture|arts?|entertainment(?:\s+(?:&|and)\s+arts)?|books|film|"
    r"music|travel|food|life(?:style)?|style|society|football|cricket|rugby|tennis|weather|"
    r"europe|asia|africa|americas|middle east|australia|latin america|eilmeldung|exklusiv|"
    r"politik|wirtschaft|kultur|wissen|à la une|direct|en direct|monde|politique|économie|"
    r"última hora|en vivo|exclusiva|política|economía|ultim'?ora|esclusiva|urgente|in brief|"
    r"update \d|watch live|kommentar|meinung|leitartikel|liveticker|panorama|tribune|éditorial|"
    r"actualités?|opinión|sociedad|cronaca|commento|politica|opinie|nieuws|debatt|nyheter|"
    r"срочно|мнение|коментар|новости|новини|速報|快讯"
)
_KICKER = re.compile(
    rf"[\[(*#:|\s]*(?:{_KICKERS})(?:\s*[|/>›»:•·,&-]+\s*(?:{_KICKERS}))*[\])*!:.|\s]*",
    re.IGNORECASE,
)
_SECTION = re.compile(r"[^\W\d_]{2,}(?:\s+(?:&\s+)?[^\W\d_]{2,}){0,2}\s*:?")
_BREADCRUMBS = re.compile(r"[^\W\d_][\w &]{1,24}(?:\s*[>›»]\s*[^\W\d_][\w &]{1,24})+")


@dataclass(frozen=True, slots=True)
class Head:
    """Author, source and dates as byline and dateline tell them; empty where they do not."""

    author: str = ""
    source: str = ""
    published: date | None = None
    updated: date | None = None
    unread: tuple[str, ...] = ()  # words of a byline that none of the above has


def is_kicker(line: str) -> bool:
    """Whether a line above a headline says no more than the kind or section of the article.

    >>> is_kicker("BREAKING"), is_kicker("World news"), is_kicker("Ferry stops")
    (True, True, False)
    """
    return bool(_KICKER.fullmatch(line) or _BREADCRUMBS.fullmatch(line))


def is_section(line: str) -> bool:
    """Whether a line is a few words in capitals, as names of sections are, and some headlines."""
    return line.isupper() and bool(_SECTION.fullmatch(line))


def is_outlet(line: str) -> bool:
    """Whether a line is the name of a source, as far as its words tell.

    >>> is_outlet("Coast Post"), is_outlet("Reuters"), is_outlet("Bad News"), is_outlet("Ferry")
    (True, True, False, False)
    """
    return bool(
        (line[:1].isupper() or "." in line)
        and _OUTLET_NAME.fullmatch(line)
        and not _NO_OUTLET.fullmatch(line)
        and not is_kicker(line)
    )


def named_source(line: str) -> str:
    """The source that a line names and nothing else; empty for any other line.

    >>> named_source("Source: Leedham Today"), named_source("via Reuters"), named_source("Leedham")
    ('Leedham Today', 'Reuters', '')
    """
    if len(line) > _SHORT_LINE:
        return ""
    label = _SOURCE_LABEL.fullmatch(line)
    named = label[label.lastgroup or 0] if label else line
    known = is_outlet(named) or bool(label and label["labelled"] and _is_short_name(named))
    return named if known else ""


def _is_short_name(words: str) -> bool:
    return len(words.split()) <= _SHORT and bool(_NAMED.fullmatch(words))


def is_aside(line: str) -> bool:
    """Whether a line is what a page has beside a headline and says nothing of the article.

    >>> is_aside("5 min read"), is_aside("Share"), is_aside("Shares fall")
    (True, True, False)
    """
    return len(line) <= _SHORT_LINE and bool(_ASIDE.fullmatch(line))


def is_role(line: str) -> bool:
    """Whether a line is a role, such as stands below the name of an author.

    >>> is_role("Political correspondent, BBC News"), is_role("Ferry stops")
    (True, False)
    """
    return len(line.split()) <= _ROLE_WORDS and bool(_ROLE.fullmatch(line))


def is_name(line: str) -> bool:
    """Whether a line may be the name of a person, and of nothing else that stands in a byline.

    >>> is_name("Ann Reed"), is_name("Maria dos Reed"), is_name("Coast Post"), is_name("A Long Day")
    (True, True, False, False)
    """
    words = line.split() if len(line) <= _SHORT_LINE else ()
    return bool(
        2 <= len(words) <= _AUTHOR_ABOVE
        and _PERSON.fullmatch(line)
        and not _OUTLET.search(line)
        and not _ROLE.fullmatch(line)
        and not is_kicker(line)
    )


def goes_on(line: str, following: str) -> bool:
    """Whether a byline that is told in lines goes on from one in the next.

    >>> goes_on("By Ann Reed and", "Bob Lee"), goes_on("Published", "3 March 2026")
    (True, True)
    >>> goes_on("By Ann Reed", "| Coast Post"), goes_on("By Ann Reed", "Coast Post")
    (True, False)
    """
    if len(line) + len(following) >= _LENGTH:
        return False
    last = line.rpartition(" ")[2]
    is_open = _OPEN_END.fullmatch(last) or (len(line) <= _SHORT_LINE and _OPEN.fullmatch(line))
    return bool(is_open or _GOES_ON.match(following))


def read_dateline(paragraph: str, head: Head) -> Head:
    """Add to `head` the source and the date that the begin of a text names.

    >>> read_dateline("LEEDHAM, March 3, 2026 (Reuters) - The ferry stops.", Head()).source
    'Reuters'
    """
    match = _DATELINE_OF_TEXT.match(paragraph) if "(" in paragraph[:_SHORT_LINE] else None
    if match is None:
        return head
    dated = match["date"] and _YEAR.search(match["date"])
    published = _first_date(match["date"], lambda: False) if dated else None
    source = head.source or match["source"]
    return replace(head, source=source, published=head.published or published)


def read_head_line(
    line: str,
    head: Head,
    day_first: DayFirst = lambda: False,
    below: bool = False,
    titled: bool = True,
) -> Head | None:
    """Add to `head` what a byline or a dateline says; None for a line that is neither.

    `below` says that a byline is above the line: then a role or the name of a source is part of
    it. `titled` says that the headline is above. What is not understood is left empty.

    >>> read_head_line("By Ann Reed, political editor | France 24 | 5 min read", Head())
    Head(author='Ann Reed', source='France 24', published=None, updated=None, unread=())
    """
    if len(line) > _LENGTH:
        return None
    if below or _DIGIT.search(line):
        # Not a byline whole: to find no date in it, in every language, takes long.
        plain = not (_BY.match(line) or _DIVIDER.search(line))
        told = _of_the_day(line, head, day_first) if plain else None
        if told or _ASIDE.fullmatch(line):
            return told or head
    parts = [part for part in _DIVIDER.split(line) if part]
    signed = next((n for n, part in enumerate(parts) if _author(part, titled)), None)
    if signed is not None:
        return _signed(parts, signed, head, day_first)
    told = _without_by(line, parts, head, day_first, titled)
    return told or (_below(line, head) if below else None)


def _of_the_day(line: str, head: Head, day_first: DayFirst) -> Head | None:
    """What a line says that is a date, perhaps behind a place."""
    dated = _dateline(line, head, day_first)
    placed = None if dated else _PLACE_AND_DATE.fullmatch(line) or _DATE_AND_PLACE.fullmatch(line)
    if placed is None:
        return dated
    dated = _dateline(placed["date"], head, day_first)
    return _named(placed["place"], dated, authors=False) if dated else None


def _without_by(
    line: str, parts: list[str], head: Head, day_first: DayFirst, titled: bool
) -> Head | None:
    """What a byline without its "By" says: "Ann Reed | 8 March 2021", "Ann Reed, editor"."""
    if _SENTENCE_END.search(line):
        return None
    if len(parts) > 1 and _unsigned(parts, day_first):
        return _rest(parts, head, day_first)
    name, _, further = line.partition(", ")
    if not titled or len(line) > _SHORT_LINE:
        return None
    role = "" if further else _trailing_role(line)
    if role:
        name, further = line.removesuffix(role).strip(), role
    if not is_name(name) or not (_ROLE.fullmatch(further) or is_outlet(further)):
        return None
    if is_outlet(further):
        head = replace(head, source=head.source or further)
    return _employed(further, replace(head, author=head.author or name))


def _author(part: str, titled: bool = True) -> str:
    """The names in a part that begins with "By", and what follows them; empty for any other."""
    by = _BY.match(part) or (_BY_ELSEWHERE.match(part) if titled else None)
    if by is None or _SENTENCE_END.search(part):
        return ""
    named = part[by.end() :]
    names = _names(named)
    if not _NAMED.fullmatch(names) or _DAYS.fullmatch(names):
        return ""
    return named if titled or _are_names(names) else ""


def _are_names(names: str) -> bool:
    """Whether words behind "By" above a headline are names: it may be the headline itself."""
    each = _AND.split(names)
    return len(names.split()) <= _AUTHOR_ABOVE or (
        len(each) > 1 and all(map(_PERSON.fullmatch, each))
    )


def _names(named: str) -> str:
    """The names at the begin of what follows "By", without role, place and source."""
    tail = _DATE_TAIL.search(named)
    names = _COMMA.split(named[: tail.start()] if tail else named)[0]
    role = _trailing_role(names)
    names = names.removesuffix(role).strip(" ,") if role else names
    names = _PLACE.sub("", names)
    source = _employer(names)
    return _PLACE.sub("", names[: source.start()] if source else names)


def _employer(names: str) -> re.Match[str] | None:
    """The source that a name ends with: "Ann Reed for Coast Post", "Ann Reed (Reuters)"."""
    of = _OF.search(names)
    return of if of and is_outlet(of["source"]) else _FOR.search(names)


def _trailing_role(words: str) -> str:
    """The role at the end of a name: "Political correspondent" of "Ann Reed Political …"."""
    names = words.split(" ")
    for place in range(2, len(names)):
        role = " ".join(names[place:])
        if _ROLE.fullmatch(role):
            return role
    return ""


def _signed(parts: list[str], place: int, head: Head, day_first: DayFirst) -> Head | None:
    """What a byline in parts says: "By NAMES, ROLE | SOURCE | DATE", in any order."""
    if any(map(_is_told, [*parts[:place], *parts[place + 1 :]])):
        return None
    named = _author(parts[place])
    tail = _DATE_TAIL.search(named)
    others = [*parts[:place], *parts[place + 1 :]]
    if tail:
        named = named[: tail.start()]
        others.insert(0, tail["date"])
    first, *more = _COMMA.split(named)
    authors = [_names(first)]
    source = _employer(_PLACE.sub("", first))
    others += [source["source"]] if source else authors if is_outlet(authors[0]) else []
    for words in more:
        if _ROLE.fullmatch(words) or _ASIDE.fullmatch(words) or words in _TITLES:
            others += [words] if words not in _TITLES else []
        elif _OUTLET.search(words) or len(words.split()) == 1 or not _NAMED.fullmatch(words):
            others.append(words)
        else:
            authors.append(_PLACE.sub("", words))
    return _rest(others, replace(head, author=head.author or ", ".join(authors)), day_first)


def _unsigned(parts: list[str], day_first: DayFirst) -> bool:
    """Whether parts such as "Ann Reed | 8 March 2021" are a byline without its "By"."""
    dates = [part for part in parts if _dateline(part, Head(), day_first) or _ASIDE.fullmatch(part)]
    others = [part for part in parts if part not in dates]
    is_signed = any(map(is_name, others)) and any(map(is_outlet, others))
    return bool(dates or is_signed) and all(
        len(part.split()) <= 5 and (_NAMED.fullmatch(part) or _OUTLET.search(part))
        for part in others
    )


def _is_told(part: str) -> bool:
    """Whether a part says what happened, which no byline does."""
    words = len(part.split())
    return words > _PART_WORDS or (words > _SHORT and bool(_SENTENCE_END.search(part)))


def _rest(parts: Iterable[str], head: Head, day_first: DayFirst) -> Head:
    """What the other parts of a byline say."""
    for part in parts:
        dated = _dateline(part, head, day_first)
        if dated:
            head = dated
        elif _ROLE.fullmatch(part):
            head = _employed(part, head)
        elif not _ASIDE.fullmatch(part):
            head = _named(part.strip(" ,"), head)
    return head


def _employed(role: str, head: Head) -> Head:
    """What a role says of the source: "correspondent for BBC News"."""
    match = _ROLE.fullmatch(role)
    of = _OF_ROLE.fullmatch(match["of"]) if match else None
    if of and is_outlet(of["source"]):
        return replace(head, source=head.source or of["source"])
    return head


def _named(part: str, head: Head, authors: bool = True) -> Head:
    """What a part says that is neither a date nor a role: a source, an author, or it is unread."""
    label = _SOURCE_LABEL.fullmatch(part)
    part = label[label.lastgroup or 0] if label else part
    broken = _is_broken_date(part) or not (part[:1].isupper() or part[:1].isdigit())
    authors = authors and not _OF_ONE_WORD.fullmatch(part)
    known = is_outlet(part) or (authors and head.author) or (authors and _is_source(part))
    known = known or (head.author and _is_short_source(part))
    if not broken and not head.source and known:
        return replace(head, source=part)
    if not broken and not head.author and authors:
        return replace(head, author=part)
    return head if part == head.source else replace(head, unread=(*head.unread, part))


def _is_short_source(part: str) -> bool:
    return bool(_OUTLET_OF_ONE_WORD.fullmatch(part)) and not is_kicker(part)


def _is_source(part: str) -> bool:
    """Whether a part without an author beside it is a source: not the name of a place."""
    return bool(_OUTLET.search(part)) and not (
        part.isupper()
        and _OF_ONE_WORD.fullmatch(part)
        and len(part) > _ACRONYM
        and not is_outlet(part)
    )


def _is_broken_date(part: str) -> bool:
    """Whether a part was meant for a date: "31 February 2021" is no source."""
    return any(map(str.isdigit, part)) and bool(_LIKE_DATE.search(part))


def _dateline(line: str, head: Head, day_first: DayFirst) -> Head | None:
    match = _DATELINE.fullmatch(line) if _DIGIT.search(line) else None
    if match is None:
        return None
    published = _first_date(match["date"], day_first)
    if published is None:
        return None  # a short first paragraph with a year in it
    if _UPDATE.search(match["told"]):
        return replace(head, updated=head.updated or published)
    return replace(head, published=head.published or published)


def _first_date(words: str, day_first: DayFirst) -> date | None:
    """The date in a dateline, which may go on: "8 March 2021, updated 10:15"."""
    shorter = re.split(rf"[,;(]?\s+(?={_TOLD})", words, maxsplit=1, flags=re.IGNORECASE)[0]
    for text in dict.fromkeys((words, shorter)):
        try:
            return read_date(text, day_first=day_first)
        except Refused:
            continue
    return None


def _below(line: str, head: Head) -> Head | None:
    """A role or the name of a source on a line of its own below a byline."""
    if _SENTENCE_END.search(line) or line.endswith((".", "!", "?", ":")) or len(line.split()) > 8:
        return None
    if _ROLE.fullmatch(line):
        role = _trailing_role(line)
        name = line.removesuffix(role).strip(" ,") if role else ""
        signed = bool(not head.author and is_name(name))
        return _employed(line, replace(head, author=name) if signed else head)
    names = _COMMA.split(line)[0]
    if line.isupper() and not (is_outlet(line) or _OF_ONE_WORD.fullmatch(line)):
        return None
    if (
        len(names.split()) <= 4
        and _OUTLET.search(names)
        and _NAMED.fullmatch(re.sub(r"\b\d+\b", "X", names))
    ):
        return replace(head, source=head.source or names)
    return None

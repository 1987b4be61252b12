"""Tells in which code page a text was written, by whether it reads as a language.

Every code page that serves a language is tried with it: its letters must be those of the language,
signs must stand where signs stand, and its commonest words should occur. Nothing is assumed: with
no better evidence for one reading than for another there is no answer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache

_SAMPLE = 20_000  # bytes that are judged
_LEAST = 0.5  # of `_Judgement.score` for a reading, at most about 2
_MARGIN = 0.05  # by which it must be better than any that differs from it
_PRIOR = {  # what is commoner decides between equals, and nothing else
    "cp1252": 0.12,
    "mac_roman": 0.02,
    **dict.fromkeys(("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"), 0.06),
}
_WORDS = 4  # words, of fewer the share of frequent ones says less
_FEW = 6  # characters that are too few to be of East Asia
_MANY = 0.03  # share of accented letters that no text in English has


@dataclass(frozen=True, slots=True)
class _Language:
    """A language: its letters beyond a to z, those of a to z that it lacks, frequent words."""

    letters: str
    lacks: str
    words: str


_WESTERN = ("cp1252", "mac_roman", "cp850")
_EASTERN = ("cp1250", "iso8859_2", "mac_latin2", "cp852")
_CYRILLIC = ("cp1251", "koi8_r", "koi8_u", "iso8859_5", "mac_cyrillic", "cp866")

# The letters are those of the language's orthography, loanwords bring a few more to English; those
# of other scripts than Latin stand in the order of their frequency.
_LANGUAGES = {
    "en": _Language(
        "éèêëïöüñçàáíóôâä", "", "the of and to in a is that it was for on with as at by"
    ),
    "de": _Language(
        "äöüßéè", "", "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine"
    ),
    "fr": _Language(
        "àâæçéèêëîïôœùûüÿ",
        "",
        "de la le et les des en un du une que est pour qui dans sur au a par plus",
    ),
    "es": _Language(
        "áéíñóúüªº", "", "de la que el en y a los se del las un por con no una su para es al"
    ),
    "pt": _Language(
        "áâãàçéêíóôõúüªº", "", "de a o que e do da em um para com não uma os no se na por mais as"
    ),
    "it": _Language(
        "àèéìíîòóùú", "", "di e il la che in a per un è del non sono una con i da le della"
    ),
    "nl": _Language(
        "áéèëïíóöúüêç", "", "de van het een en in is dat op te zijn met voor niet aan er om ook"
    ),
    "ca": _Language("àçèéíïòóúü·", "", "de la i el que a en els per un les amb una del és no va"),
    "sv": _Language(
        "åäöéüà", "", "och att det i en som är av för på med den till inte har de ett om"
    ),
    "da": _Language("æøåéóü", "", "og i at det er en til af på som for den med de ikke har et om"),
    "nb": _Language(
        "æøåéòóôêü", "", "og i det er på en til som av for at med den har de ikke et om"
    ),
    "fi": _Language(
        "äöåšž", "bcfqwxzå", "ja on ei että se oli hän mutta ovat kuin myös joka sen tai ole"
    ),
    "is": _Language(
        "áðéíóúýþæö", "cqwz", "og að í á sem er til um við var með fyrir ekki en það hann"
    ),
    "cs": _Language(
        "áčďéěíňóřšťúůýž", "qwx", "a v se na je že o s z do i to k ve pro za by ale po od"
    ),
    "sk": _Language(
        "áäčďéíĺľňóôŕšťúýž", "qwx", "a v sa na je že o s z do i to k vo pre za by ale po od"
    ),
    "pl": _Language(
        "ąćęłńóśźż", "qvx", "w i na z do się nie że o jest to za po od dla jak a ale przez"
    ),
    "hu": _Language(
        "áéíóöőúüű", "qwx", "a az és hogy nem is egy ez meg volt mint már csak de el ki"
    ),
    "ro": _Language(
        "ăâîșțşţ", "qw", "de și şi în a la cu pe că din care nu o un mai pentru au sunt"
    ),
    "hr": _Language("čćđšž", "qwxy", "i je u se na da su za od s a koji o kao što ne će iz"),
    "sl": _Language("čšž", "qwxy", "in je v na se da so za ki z ne pa s po bi kot tudi"),
    "sq": _Language("ëç", "w", "të e në dhe i për një me se nga që më ka është do"),
    "tr": _Language(
        "çğıİöşüâîû", "qwx", "ve bir bu da de için ile çok daha olarak olan gibi en ne o var dedi"
    ),
    "lt": _Language(
        "ąčęėįšųūž", "qwx", "ir kad į su yra iš tai bet buvo jis o apie po ne kaip per"
    ),
    "lv": _Language("āčēģīķļņšūž", "qwxy", "un ir ka ar no par uz tas bet kas arī lai pie gan"),
    "et": _Language("äõöüšž", "cqwxyz", "ja on ei et see oli ta aga kui ka mis oma või seda"),
    "el": _Language(
        "αοιετνσρκπυμίςλάήόέγδηωθύχώφβξζψϊϋΐΰ",
        "",
        "και το της η του να την με ο για που τα στο από οι είναι",
    ),
    "ru": _Language(
        "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
        "",
        "и в не на что с он как по это но из к за от у о был",
    ),
    "uk": _Language(
        "оаниіврестклдпумязьбгчхйжщцюїєшфґ",
        "",
        "і в на не що з у до та за як це по від про та є був",
    ),
    "bg": _Language(
        "аоиентрсвлдкпмзъгбучяцжшхйщфюь", "", "и на да се в от за е че с не по са това ще до като"
    ),
    "sr": _Language(
        "аоиенсртјвуклдмпзгбћчшцђжхњфљџ", "", "и је у се на да су за од са а који о као не из ће"
    ),
    "mk": _Language(
        "аоиентрвслкдмпујзгбчшжцќхњфѓѕљџ", "", "и на да се во од за е не со што ги по ќе"
    ),
    "be": _Language(
        "анірыоелтсдкмяпвгуьзцўшбчйхжюёэф", "", "і ў у на не з што да па як за гэта ад"
    ),
    "he": _Language(
        "יוהלאתרבמשנכעדקפחםטגןזצסךףץ",
        "",
        "של את על לא הוא זה עם כי גם או היא אל כל אני מה יש אבל רק אמר אמרה",
    ),
    "ar": _Language(
        "اليمونرتبعدسفهكقحجةأشطصخإىضذئءزثآغظؤ", "", "في من على أن إلى عن التي هذا مع لا ما كان"
    ),
    "fa": _Language(
        "ایردنمهتوبسشکلزفگعخقجآپحطصچضژغذظثئءكىي", "", "در به از که این را با است برای آن"
    ),
    "ja": _Language("", "", ""),
    "ko": _Language("", "", ""),
    "zh": _Language("", "", ""),
}
_PAGES = {
    **dict.fromkeys(
        ("en", "de", "fr", "es", "pt", "it", "nl", "ca", "sv", "da", "nb", "fi", "sq"), _WESTERN
    ),
    "is": (*_WESTERN, "mac_iceland"),
    **dict.fromkeys(("cs", "sk", "pl", "hu", "hr", "sl"), _EASTERN),
    "ro": (*_EASTERN, "mac_romanian"),
    "tr": ("cp1254", "mac_turkish", "cp857"),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257", "iso8859_13")),
    "el": ("cp1253", "mac_greek", "cp737"),
    **dict.fromkeys(("ru", "uk", "bg", "sr", "mk", "be"), _CYRILLIC),
    "he": ("cp1255",),
    "ar": ("cp1256", "iso8859_6"),
    "fa": ("cp1256",),
    "ja": ("cp932", "euc_jp"),
    "ko": ("cp949",),
    "zh": ("gb18030", "big5"),
}
_RANKED = frozenset({"ru", "uk", "bg", "sr", "mk", "be", "el", "he", "ar", "fa"})
_FREQUENT = {  # characters that make up a good part of any text
    "zh": "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們"
    "到说說会會年出对對也市日将將与與",
}
_SOFT_C = re.compile(r"ç(?![aouáàâãóòôõúùûåæœ])", re.IGNORECASE)
_MISPLACED = {  # letters where the spelling of a language has none
    **dict.fromkeys(("en", "fr", "pt", "ca", "nl", "es"), _SOFT_C),
    "is": re.compile(r"þ(?![\Waáeéiíoóuúyýæöjrv])|\bð", re.IGNORECASE),
    "de": re.compile(r"\bß|ß\B(?=[äöü])", re.IGNORECASE),
}
_RARE = {"de": "èé", "sv": "éüà", "da": "éóü", "nb": "éòóôü", "sk": "ĺľôŕ", "tr": "âîû"}
_PAIRED = re.compile(r"[“”„«»‹›]")
_OPENING, _CLOSING = "“‘„‚«‹¿¡", "”’»›…"
_AFTER_NUMBER = "°%‰½¼¾²³ªº€£¥"
_NEUTRAL = "،؛؟–—\u00a0•·§©®™€£¥"
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BESIDE_LATIN = re.compile(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]")
_KANA = re.compile(r"[\u3040-\u30ff]")


def tried() -> str:
    """The names of the code pages that are tried, for a message."""
    return ", ".join(dict.fromkeys(page for pages in _PAGES.values() for page in pages))


def detect(data: bytes) -> str | None:
    """The code page of a text that is not UTF-8; None where the evidence is not enough.

    >>> detect("Převoz na ostrov v květnu skončí, oznámila rada.".encode("cp1250"))
    'cp1250'
    """
    sample = _evidence(data)
    best: dict[str, tuple[float, str]] = {}  # by what the text would say
    for page, languages in _languages_of_pages().items():
        try:
            text = sample.decode(page)
        except UnicodeDecodeError:
            continue
        score = max(_score(text, language) for language in languages)
        score += _PRIOR.get(page, 0)
        if score > best.get(text, (-9.0, ""))[0]:
            best[text] = (score, page)
    ranked = sorted(best.values(), reverse=True)
    if not ranked or ranked[0][0] < _LEAST:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < _MARGIN:
        return None
    return ranked[0][1]


def _languages_of_pages() -> dict[str, list[str]]:
    pages: dict[str, list[str]] = {}
    for language, names in _PAGES.items():
        for page in names:
            pages.setdefault(page, []).append(language)
    return pages


def _evidence(data: bytes) -> bytes:
    """The lines that are not ASCII, up to the size of a sample, and others to fill it."""
    lines = data.splitlines(keepends=True)
    if len(data) > _SAMPLE:
        lines.sort(key=bytes.isascii)
    sample = b"".join(lines)[:_SAMPLE]
    return sample if len(data) <= _SAMPLE else sample[: sample.rfind(b" ") + 1] or sample


def _score(text: str, language: str) -> float:
    """How well a text reads as a language: its characters up to 1, its words up to 1."""
    if language in ("ja", "ko", "zh"):
        return _east_asian(text, language)
    known = _LANGUAGES[language]
    high = list(_high(text))
    if not high:
        return 0.0
    frequent = frozenset(known.words.split())
    values = _letter_values(language)
    characters = sum(_plausible(mark, values, frequent) for mark in high) / len(high)
    words = _WORD.findall(text)
    mixed = sum(word not in (word.lower(), word.upper(), word.capitalize()) for word in words)
    share = (sum(word.lower() in frequent for word in words) - mixed) / max(_WORDS, len(words))
    plain = sum(character.isascii() and character.isalpha() for character in text)
    lacking = sum(text.lower().count(letter) for letter in known.lacks) / max(1, plain)
    accented = sum(mark[1].isalpha() for mark in high) / max(1, plain)
    spread = len({mark[1].lower() for mark in high} & values.keys()) / 100
    crowded = 0.4 if language == "en" and accented > _MANY else 0.0
    misplaced = len(_MISPLACED[language].findall(text)) if language in _MISPLACED else 0
    unpaired = len(_PAIRED.findall(text)) == 1
    characters -= (misplaced + 3 * unpaired) / len(high)
    return characters + max(-1, min(1, share / 0.35)) + spread - min(0.6, 12 * lacking) - crowded


@cache
def _letter_values(language: str) -> Mapping[str, float]:
    """How well each letter that is not ASCII fits a language, up to 1 for the most frequent."""
    letters = _LANGUAGES[language].letters
    if language not in _RANKED:
        return {letter: 0.8 if letter in _RARE.get(language, "") else 1.0 for letter in letters}
    return {letter: 1 - 0.6 * place / len(letters) for place, letter in enumerate(letters)}


def _high(text: str) -> Iterator[tuple[str, str, str]]:
    """Each character that is not ASCII, between its neighbours."""
    padded = f" {text} "
    for place in range(1, len(padded) - 1):
        if not padded[place].isascii():
            yield padded[place - 1], padded[place], padded[place + 1]


def _plausible(
    mark: tuple[str, str, str], values: Mapping[str, float], frequent: Set[str]
) -> float:
    """How well a character stands where it does, from -3 to 1."""
    before, character, after = mark
    if character.isalpha() and character not in "ªº":
        return _plausible_letter(mark, values, frequent)
    if character in _OPENING + _CLOSING:
        return _plausible_quote(mark)
    if character in _AFTER_NUMBER and (before.isdigit() or after.isdigit()):
        return 0.7
    between = before.isalpha() and after.isalpha()
    if character in _NEUTRAL:
        return 0.6 if not between else (0.3 if character in "–—\u00a0" else -1.5)
    return -3.0 if unicodedata.category(character) in ("Cc", "Co", "Cn") else -1.5


def _plausible_quote(mark: tuple[str, str, str]) -> float:
    before, character, after = mark
    if character in _OPENING:
        return 0.7 if not before.isalnum() and not after.isspace() else -1.0
    if after.isalnum() and character != "’":
        return -1.5
    return 0.7 if not before.isspace() or after.isalnum() else -1.0


def _plausible_letter(
    mark: tuple[str, str, str], values: Mapping[str, float], frequent: Set[str]
) -> float:
    before, character, after = mark
    value = values.get(character.lower())
    if value is None:
        return -3.0
    other_script = not _is_latin(character)
    if other_script and any(near.isascii() and near.isalpha() for near in (before, after)):
        return -3.0
    if before.islower() and character.isupper():
        return -1.0
    alone = not before.isalpha() and not after.isalpha()
    if alone:
        return min(value, 0.5) if character in frequent else -0.5
    return value


def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN")


def _east_asian(text: str, language: str) -> float:
    """How well a text reads as Japanese, Korean or Chinese."""
    high = [character for character in text if not character.isascii()]
    names = [unicodedata.name(character, "") for character in set(high)]
    in_script = {
        "ja": ("CJK", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH"),
        "ko": ("HANGUL SYLLABLE", "IDEOGRAPHIC", "FULLWIDTH"),
        "zh": ("CJK", "IDEOGRAPHIC", "FULLWIDTH", "LEFT", "RIGHT"),
    }[language]
    fit = sum(name.startswith(in_script) for name in names) / max(1, len(names))
    if language == "ja":
        frequent = len(_KANA.findall(text)) / max(1, len(high)) / 0.3
    elif language == "ko":
        frequent = (
            sum(c in "이다는의을를에가은한고기지사로하서" for c in high) / max(1, len(high)) / 0.15
        )
    else:
        frequent = sum(c in _FREQUENT["zh"] for c in high) / max(1, len(high)) / 0.12
    mixed = len(_BESIDE_LATIN.findall(text))
    few = 0.5 if len(high) < _FEW or mixed > len(high) / 4 else 1.0
    return few * ((0.6 if fit > 0.9 else -1.0) + min(1.0, frequent))

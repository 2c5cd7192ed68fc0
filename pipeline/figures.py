"""Which numbers of a text are missing from its translation."""

import re
import unicodedata
from itertools import pairwise

_NUMBER = re.compile(r"\d+(?:[.,٫٬،'’]\d+|[ \u00a0\u202f]\d{3}(?!\d))*")
_SCALES = {
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    "مئة": 2, "مائة": 2, "ألف": 3, "آلاف": 3, "الف": 3,
    "مليون": 6, "ملايين": 6, "مليار": 9, "مليارات": 9, "تريليون": 12,
    "אלף": 3, "אלפים": 3, "אלפי": 3,
    "מיליון": 6, "מיליוני": 6, "מיליארד": 9, "מיליארדי": 9, "טריליון": 12,
    "mila": 3, "mille": 3, "milione": 6, "milioni": 6, "miliardo": 9, "miliardi": 9,
}  # fmt: skip
_UNITS = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_OTHER_WORDS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "once": 1, "single": 1, "twice": 2, "double": 2,
    "both": 2, "dozen": 12, "dozens": 12, "quarter": 25, "half": 50, "hundred": 100, "thousand": 1000,
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
    "september": 9, "october": 10, "november": 11, "december": 12, "noon": 12, "midnight": 0,
}  # fmt: skip
_SPELLED = re.compile(
    r"[אבהולמכש]*(?:אחד|אחת|שני|שתי|שניים|שלוש|שליש|ארבע|רביע|חמש|חמיש|שש|שבע|שביע|שמונ|שמינ|תשע|תשיע|עשר|עשיר"
    r"|מאה|מאות|מאתיים|אלפ|חצי|רבע)\w*"
    r"|[وفبكل]*(?:ال)?(?:واحد|أول|اثن|ثان|ثلاث|ثالث|أربع|اربع|رابع|خمس|خامس|ست|سادس|سبع|سابع|ثمان|ثامن|تسع|تاسع"
    r"|عشر|عاشر|مئ|مائ|ألف|نصف|ربع)\w*"
    r"|\b(?:un[oa]?|due|tre|quattro|cinque|sei|sette|otto|nove|dieci|\w*dici|\w*dicia\w+|vent\w*|trent\w*"
    r"|quarant\w*|cinquant\w*|sessant\w*|settant\w*|ottant\w*|novant\w*|cento\w*|mille\w*|\w+mila"
    r"|prim[oa]|second[oa]|terz[oa]|quart[oa]|quint[oa]|sest[oa]|settim[oa]|ottav[oa]|non[oa]|decim[oa]"
    r"|\w+esim[oa]|mezz[oa]|dozzin\w+|[IVXLC]{2,})\b"
)
_FULL_HOUR = re.compile(r"(?<![\d.,:])([01]?\d|2[0-4])([:.])00(?![\d.,:]|\s?%)")
_AFTERNOON = re.compile(r"\d ?p\.?m\b|afternoon|evening|night", re.IGNORECASE)


def numbers_lost(source: str, english: str) -> list[str]:
    """Return the source's numbers in digits that the English has neither in digits nor as a word.

    Separators differ between languages, so only digits are compared. A scale may be a word or zeros
    (5 million, 5.000.000); a month's number may be its name, an hour after noon be counted from noon, a
    decade be short.

    >>> numbers_lost("زاد العدد ٣٫٥ مليون في 2024", "The number rose by 3.5 million in 2023")
    ['2024']
    """
    theirs = _figures(source)
    if not theirs:
        return []
    ours = frozenset().union(*(ways for _, ways in _figures(english))) | _worded(english)
    return [number for number, ways in theirs if not _matches(ways, ours, english)]


def numbers_added(source: str, english: str) -> list[str]:
    """Return the English's numbers in digits that the source has not. A source with number words has any.

    >>> numbers_added("Era il 7 novembre.", "It was 7 November 2025.")
    ['2025']
    """
    theirs = frozenset().union(*(ways for _, ways in _figures(source)))
    added = [number for number, ways in _figures(english) if not _matches(ways, theirs, english)]
    return added if added and not _SPELLED.search(source) else []


def _matches(ways: frozenset[str], others: frozenset[str], english: str) -> bool:
    if ways & others:
        return True
    short = [way for way in ways if len(way) <= 2]
    if any(len(way) == 2 and other.endswith(way) and len(other) == 4 for way in short for other in others):
        return True
    if any(len(way) == 4 and way.endswith(other) and len(other) == 2 for way in ways for other in others):
        return True
    hours = {str(int(way) + noon) for way in short for noon in (-12, 12)}
    return bool(hours & others) and _AFTERNOON.search(english) is not None


def _figures(text: str) -> list[tuple[str, frozenset[str]]]:
    """Return each number as printed, with the ways of writing its digits without separators."""
    found = []
    text = _FULL_HOUR.sub(r"\1", text)
    for number in _NUMBER.finditer(text):
        digits = "".join(str(unicodedata.digit(char)) for char in number[0] if char.isdecimal())
        ways = {digits, digits.lstrip("0") or "0"}
        after = re.match(r"\W{0,2}(\w+)", text[number.end() :])
        if after and after[1].casefold() in _SCALES:
            decimals = re.search(r"[.,٫](\d{1,2})$", number[0])
            zeros = _SCALES[after[1].casefold()] - (len(decimals[1]) if decimals else 0)
            ways.add(digits + "0" * zeros)
        found.append((number[0], frozenset(ways)))
    return found


def _worded(english: str) -> frozenset[str]:
    """Return the digits of numbers up to 99, of ordinals and of months that the English has as words."""
    words = re.findall(r"[a-z]+", english.casefold())
    found = {_OTHER_WORDS[word] for word in words if word in _OTHER_WORDS}
    found |= {_UNITS.index(word) for word in words if word in _UNITS}
    for word, following in pairwise([*words, ""]):
        if word in _TENS:
            ten = 10 * (_TENS.index(word) + 2)
            unit = _UNITS.index(following) if following in _UNITS[1:10] else _OTHER_WORDS.get(following, 0)
            found |= {ten, ten + unit}
    return frozenset(map(str, found))

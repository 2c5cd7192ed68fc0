"""Stories made by hand, with what is hard for tables: four scripts, and strings that are out to do harm."""

from collections.abc import Sequence

from pipeline.records import (
    Article,
    Block,
    Member,
    Quote,
    Rendering,
    Sentence,
    Span,
    Statement,
    Synopsis,
    Translation,
)

NASTY = (
    "<script>document.title='pwned'</script> said & \"quoted\" <b>bold</b>",
    "=cmd|' /C calc'!A0",
    "+1 for it, he said",
    "-2 is the figure, she said",
    "@SUM(1,2) was meant",
    "\ttab at the start",
    "'=already guarded, it seems",
    "''=twice guarded, it seems",
    "'tis an apostrophe",
    "a lone \r return and\na line, \u2028 and a separator",
    "left \u202eto right\u202c and \u2067isolated\u2069 \u200fmarks",
    "a _x000D_ that is not a return, \x01 a control, \ufffe no character",
    "<r><t>not a rich string</t></r>",
    "https://example.org/ and mailto:a@example.org",
    "{{ 7*7 }} {% raw %}",
    "]]> --> </script>",
    "🏛 astral 𝔸 letters, then the club of power",
)
"""Each is one sentence of version `000_nasty`, with a counterpart in `003_more`."""

CLUB = {
    "000_it": "Il Kazakistan ha aderito agli Accordi di Abramo.",
    "001_ar": "وهناك العديد من الدول الأخرى تسعى للانضمام إلى هذا (النادي القوي).",
    "002_en": "there will be many other countries who will want to join this Fortaleza club",
    "003_en": "And many more countries want to join this club of power - Trump wrote.",
    "004_he": "מדינות נוספות רבות מבקשות להצטרף למועדון העוצמתי הזה",
}
ENGLISH = {
    "000_it": "Kazakhstan has joined the Abraham Accords.",
    "001_ar": "There are many other countries seeking to join this (strong club).",
    "004_he": "Many more countries are asking to join this powerful club",
}
PHRASES = {
    "001_ar": ("النادي القوي", "strong club", "paraphrase"),
    "002_en": ("Fortaleza club", "Fortaleza club", "relay"),
    "003_en": ("club of power", "club of power", "paraphrase"),
    "004_he": ("למועדון העוצמתי", "powerful club", "paraphrase"),
}
ALONE = "«Siamo pronti», ha detto il ministro."


def club() -> Synopsis:
    """The seeds' example: a quote in four versions, one that stands alone, a statement, heads."""
    texts = {article: f"Head\n\n{text} And more." for article, text in CLUB.items()}
    texts["000_it"] += f" {ALONE}"
    articles = tuple(article(name, name[-2:], text) for name, text in texts.items())
    sentences = tuple(
        Sentence(a.id, index, start, start + len(text), text, "head" if index == 0 else "body")
        for a in articles
        for index, text in enumerate(pieces(a))
        for start in [a.text.index(text)]
    )
    quotes = {name: quoted(by, CLUB[name], "Donald Trump") for by in articles if (name := by.id) in PHRASES}
    members = [member(a, CLUB[a.id], quotes[a.id], 0.1234567) for a in articles if a.id in PHRASES]
    italian = articles[0]
    alone = quoted(italian, ALONE, "il ministro")
    statements = (
        Statement("s001", "quote", tuple(members), 0.912345),
        Statement("s002", "quote", (member(italian, ALONE, alone, None),)),
        Statement(
            "s003",
            "statement",
            tuple(member(a, "And more.", None, -0.25) for a in articles[1:3]),
            0.5,
            ("loose",),
        ),
    )
    found = {
        (name[-2:], CLUB[name]): Translation(
            CLUB[name], english, "opus-mt-tc-big", -0.5, ("cut",) * (name == "004_he")
        )
        for name, english in ENGLISH.items()
    }
    renderings = tuple(
        Rendering("s001", 0, a.id, a.lang, at, at + len(phrase), phrase, english, kind)  # type: ignore[arg-type]
        for a in articles
        if a.id in PHRASES
        for phrase, english, kind in [PHRASES[a.id]]
        for at in [a.text.index(phrase)]
    )
    return Synopsis(articles, sentences, (*quotes.values(), alone), found, statements, renderings)


def nasty() -> Synopsis:
    """Two versions with the same harmful sentences, each a quotation of a harmful speaker."""
    articles = tuple(
        article(name, lang, "\n\n".join(NASTY)) for name, lang in (("000_nasty", "en"), ("=003", "it"))
    )
    sentences = tuple(
        Sentence(a.id, i, a.text.index(text), a.text.index(text) + len(text), text, "body")
        for a in articles
        for i, text in enumerate(NASTY)
    )
    statements = tuple(
        Statement(
            f"s{i + 1:03}",
            "quote",
            tuple(member(a, text, quoted(a, text, text), 0.5) for a in articles),
            1 - i / 100,
            ("loose",),
        )
        for i, text in enumerate(NASTY)
    )
    renderings = tuple(
        Rendering(f"s{i + 1:03}", 0, a.id, a.lang, at, at + 3, text[:3], text[:3], "paraphrase")
        for i, text in enumerate(NASTY)
        for a in articles
        for at in [a.text.index(text)]
    )
    found = {("it", text): Translation(text, text, text, -1.0) for text in NASTY}
    return Synopsis(articles, sentences, (), found, statements, renderings)


def large(statements: int, versions: Sequence[str] = ("ar", "en", "en", "he", "it")) -> Synopsis:
    """A story of so many statements, each in every version but one in turn, with differing words marked."""
    words = {name[-2:]: text for name, text in CLUB.items()}
    ids = [f"{i:03}_{lang}" for i, lang in enumerate(versions)]
    lines = {name: [f"{n} {words[name[-2:]]}" for n in range(statements)] for name in ids}
    articles = tuple(article(name, name[-2:], "\n".join(lines[name])) for name in ids)
    sentences, members, renderings = [], [list[Member]() for _ in range(statements)], []
    found = {}
    for place, a in enumerate(articles):
        at = 0
        for n, text in enumerate(lines[a.id]):
            sentences.append(Sentence(a.id, n, at, at + len(text), text, "body"))
            found[a.lang, text] = Translation(text, f"{n} is what they said of the club", "toy", -0.5)
            if n % len(ids) != place:
                members[n].append(Member(a.id, a.lang, at, at + len(text), text, None, 0.25))
                cut = text.index(" ") + 1
                renderings.append(
                    Rendering(
                        f"s{n + 1:03}",
                        0,
                        a.id,
                        a.lang,
                        at + cut,
                        at + cut + 5,
                        text[cut : cut + 5],
                        "x",
                        "name",
                    )
                )
            at += len(text) + 1
    table = tuple(
        Statement(f"s{n + 1:03}", "quote" if n % 3 else "statement", tuple(found_), (n % 100) / 100)
        for n, found_ in enumerate(members)
    )
    return Synopsis(articles, tuple(sentences), (), found, table, tuple(renderings))


def article(name: str, lang: str, text: str) -> Article:
    return Article(name, lang, text, (Block(0, len(text), "body"),))


def pieces(a: Article) -> list[str]:
    return ["Head", CLUB[a.id], "And more."] + [ALONE] * (a.id == "000_it")


def quoted(a: Article, text: str, speaker: str) -> Quote:
    start = a.text.index(text)
    end = start + len(text)
    return Quote(a.id, start, end, text, "direct", (Span(start, end),), speaker, speaker, "said")


def member(a: Article, text: str, quote: Quote | None, similarity: float | None) -> Member:
    start = a.text.index(text)
    return Member(a.id, a.lang, start, start + len(text), text, quote, similarity)


def texts(*said: str) -> Synopsis:
    """Two versions that say the same things, whatever they are, with one character of each marked in one."""
    whole = "\n".join(said)
    starts = [sum(len(text) + 1 for text in said[:i]) for i in range(len(said))]
    articles = (article("a", "en", whole), article("b", "it", whole))
    return Synopsis(
        articles,
        (),
        (),
        {},
        tuple(
            Statement(
                f"s{at:03}",
                "statement",
                tuple(Member(a.id, a.lang, at, at + len(text), text, None, 0.5) for a in articles),
                0.5,
            )
            for at, text in zip(starts, said, strict=True)
        ),
        tuple(
            Rendering(f"s{at:03}", 0, "a", "en", at, at + 1, text[:1], text[:1], "name")
            for at, text in zip(starts, said, strict=True)
        ),
    )

"""Files become articles whose blocks hold every character; what cannot be read is named in one line."""

from itertools import pairwise
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.articles import MAX_BYTES, decode, language, parse, read
from pipeline.errors import InputError
from pipeline.records import Article, Role

SEEDS = Path(__file__).parent.parent / "seeds"

ENGLISH = "The president said on Thursday that the country will join the club of nations very soon."
ITALIAN = "Il presidente ha detto giovedì che il paese entrerà molto presto nel club delle nazioni."


@pytest.fixture(scope="module")
def seeds() -> dict[str, Article]:
    return {article.id[:3]: article for article in read([SEEDS])}


def roles(text: str) -> list[tuple[Role, str]]:
    return [(block.role, text[block.start : block.end]) for block in parse("x", text, "en").blocks]


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        decode(path)
    return str(caught.value)


def story(folder: Path, **texts: str) -> Path:
    for stem, text in texts.items():
        (folder / f"{stem}.txt").write_bytes(text.encode("utf-8"))
    return folder


# --- the seeds ---------------------------------------------------------------------------------------


def test_seeds_are_five_versions_in_four_languages(seeds: dict[str, Article]) -> None:
    """Every version is read, by name, in its language."""
    assert {id: article.lang for id, article in seeds.items()} == {
        "000": "it",
        "001": "ar",
        "002": "en",
        "003": "en",
        "004": "he",
    }


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("000", ["date", "title", "body", "body", "head", "body", "body"]),
        (
            "001",
            ["title", "caption", "repeat", "dateline", *["body"] * 5, "head", *["body"] * 2, "head"]
            + ["body"] * 5
            + ["boilerplate"] * 2,
        ),
        ("002", ["body"] * 10),
        ("003", ["date", "body", "head", *["body"] * 8, "head", "body", "teaser"]),
        ("004", ["body"] * 12),
    ],
)
def test_seed_roles(seeds: dict[str, Article], id: str, expected: list[str]) -> None:
    """Every paragraph of the seeds plays the part that a reader gives it."""
    assert [block.role for block in seeds[id].blocks] == expected


def test_seed_dates(seeds: dict[str, Article]) -> None:
    """A leading date is the article's date and no part of its title."""
    assert [seeds[id].date for id in sorted(seeds)] == ["2025-11-07", None, None, "2025-11-07", None]
    assert seeds["000"].text[seeds["000"].blocks[1].start :].startswith("Il Kazakistan entra")


def test_text_is_the_file(seeds: dict[str, Article]) -> None:
    """An article's text is its file's bytes decoded, so offsets hold for anyone."""
    for article in seeds.values():
        assert article.text == (SEEDS / f"{article.id}.txt").read_bytes().decode("utf-8")


# --- blocks ------------------------------------------------------------------------------------------

furniture = [
    "Details",
    "Tags",
    "Tags: a, b",
    "Photo: Reuters",
    "By A. Writer",
    "date 2025-11-07",
    "***",
    "© 2025",
]
marks = ["A caption - Reuters", "“Yes.”", "- an item", "ROME - Outlet", "\ufeff", "\u200f", "", ""]
lines = st.sampled_from([ENGLISH, ITALIAN, *furniture, *marks])
breaks = st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", " ", "\v", "\u2028", "\x85"])


@given(st.lists(st.tuples(lines | st.text(max_size=8), breaks), max_size=12))
def test_every_character_is_in_one_block(parts: list[tuple[str, str]]) -> None:
    """Blocks are in order and apart, and only white space and byte order marks lie outside them."""
    text = "".join(map("".join, parts))

    blocks = parse("x", text, "en").blocks

    assert all(one.end <= next_one.start for one, next_one in pairwise(blocks))
    inside = {place for block in blocks for place in range(block.start, block.end)}
    outside = "".join(text[place] for place in range(len(text)) if place not in inside)
    assert not outside.replace("\ufeff", "").strip()


@given(
    st.lists(
        st.sampled_from([ENGLISH, ITALIAN, f"“{ENGLISH}”", f"{ENGLISH[:-1]}?)"]), min_size=1, unique=True
    )
)
def test_a_finished_sentence_is_body(paragraphs: list[str]) -> None:
    """A paragraph that ends as a sentence does is body, wherever it stands."""
    assert roles("\n\n".join(paragraphs)) == [("body", paragraph) for paragraph in paragraphs]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("A club of nations", "head"),
        ("What they said: the reactions", "head"),
        ("תגיות", "boilerplate"),
        ("כתבות נוספות", "boilerplate"),
        ("اقرأ أيضاً", "boilerplate"),
        ("Leggi anche: Il vertice di Roma", "boilerplate"),
        ("TAGS: club, nations", "boilerplate"),
        ("Read more »", "boilerplate"),
        ("© RIPRODUZIONE RISERVATA", "boilerplate"),
        ("* * *", "boilerplate"),
        ("Leaders at the summit (Reuters)", "caption"),
        ("Photo: leaders at the summit", "caption"),
        ('צילום: לע"מ', "caption"),
        ("“We will join”", "body"),
        ("- the first of three points", "body"),
        ("He then wrote:", "body"),
        ("Why now? Analysts explain", "body"),
        ("They share a border.", "body"),
        ("Comments by the president were welcome.", "body"),
    ],
)
def test_a_line_between_sentences(line: str, role: str) -> None:
    """A line between two sentences is a head, furniture, a caption, or in doubt body."""
    assert roles(f"{ENGLISH}\n\n{line}\n\n{ITALIAN}")[1] == (role, line)


def test_what_follows_a_label_is_furniture() -> None:
    """Links under a label are furniture, up to the next sentence."""
    text = "\n\n".join([ENGLISH, ITALIAN, "Related stories", "A summit in Rome", "A talk in Paris"])

    assert [role for role, _ in roles(text)] == ["body", "body", "boilerplate", "boilerplate", "boilerplate"]


def test_a_list_is_body() -> None:
    """Three short lines in a row before a sentence are a list."""
    text = "\n\n".join([ENGLISH, "The first country", "The second country", "The third country", ITALIAN])

    assert {role for role, _ in roles(text)} == {"body"}


def test_front() -> None:
    """Before the first sentence stand title, byline and dateline, in any order after the title."""
    text = "\n".join(
        ["A country joins", "By Ada Writer", "ROME - The Outlet", "12 March 2025", ENGLISH, ITALIAN]
    )

    assert [role for role, _ in roles(text)] == ["title", "dateline", "dateline", "date", "body", "body"]


def test_an_outlet_without_full_stops() -> None:
    """Where paragraphs lack their full stops, a missing one makes neither head nor teaser."""
    long = " ".join([ENGLISH[:-1]] * 2)
    text = "\n\n".join([ENGLISH, ITALIAN, long, "The club is open", f"{long} indeed", "It is closed"])

    assert {role for role, _ in roles(text)} == {"body"}


def test_a_sentence_said_twice() -> None:
    """A paragraph printed twice is a repeat, but a short reply may be given twice."""
    text = "\n\n".join([ENGLISH, "“Yes.”", ITALIAN, "“Yes.”", ENGLISH])

    assert [role for role, _ in roles(text)] == ["body", "body", "body", "body", "repeat"]


def test_wrapped_lines_are_one_paragraph() -> None:
    """Lines that end where the next word did not fit belong together."""
    wrapped = "\n".join(
        [
            "The president said on Thursday that the country will join",
            "the club of nations very soon, and that a ceremony will be",
            "held at the White House before the end of the year. Others",
            "want to join as well, he wrote, and they will be welcome.",
        ]
    )

    assert roles(f"{wrapped}\n\n{wrapped.upper()}") == [("body", wrapped), ("body", wrapped.upper())]


@pytest.mark.parametrize(
    "text", ["date 2025-13-40 On that day they met.", "2025-11-07 was the day they met."]
)
def test_no_date(text: str) -> None:
    """What is not a date, or belongs to a sentence, stays in the body."""
    assert roles(text) == [("body", text)]


def test_mark_and_line_ends_stay() -> None:
    """A byte order mark and `\\r\\n` stay in the text, outside the blocks."""
    article = parse("x", f"\ufeffdate 2025-11-07\r\n\r\n{ENGLISH}\r\n", "en")

    assert article.date == "2025-11-07"
    assert [article.text[block.start : block.end] for block in article.blocks] == ["date 2025-11-07", ENGLISH]


# --- language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        (ENGLISH, "en"),
        (ENGLISH.upper(), "en"),
        (ITALIAN, "it"),
        ('ארה"ב', "he"),
        ("ترمب", "ar"),
        ("Ciao a tutti.", "it"),
    ],
)
def test_language(text: str, lang: str) -> None:
    """A text's language is told, by its script where a short text leaves no choice."""
    assert language(text) == lang


@pytest.mark.parametrize(
    ("text", "detected"),
    [
        ("Le président des États-Unis a annoncé jeudi que le pays rejoindrait les accords.", "fr"),
        (
            "رئیس جمهور آمریکا روز پنجشنبه اعلام کرد که این کشور به پیمان می‌پیوندد و مراسم برگزار خواهد شد.",
            "fa",
        ),
        ("asdf qwer zxcv lkjh poiu mnbv asdf qwer uiop lkjh fdsa trewq bnmvc zxcvb qwert", "no language"),
        ("Γειά σου", "el"),
        ("12345", "no language"),
    ],
)
def test_unknown_language(text: str, detected: str) -> None:
    """A text in no known language is refused by the name of the one it is in."""
    with pytest.raises(LookupError, match=detected):
        language(text)


# --- bad input ---------------------------------------------------------------------------------------

HEBREW = "נשיא המדינה אמר הלילה כי המדינה תצטרף להסכם"
ARABIC = "قال رئيس الدولة اليوم إن البلاد ستنضم إلى الاتفاق"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "has only white space"),
        (b"\xef\xbb\xbf\n", "has only white space"),
        (b"one\ntwo \xff three", ":2: byte 8 is 0xff, expected UTF-8"),
        (HEBREW.encode("cp1255"), ":1: byte 0 is 0xf0, expected UTF-8; it looks like windows-1255"),
        (ARABIC.encode("cp1256"), "expected UTF-8; it looks like windows-1256"),
        (ENGLISH.encode("utf-16"), ":1: byte 0 is 0xff, expected UTF-8; it looks like UTF-16"),
        (ENGLISH.encode("utf-16-le"), "character 1 is the control character U+0000; it looks like UTF-16"),
        (HEBREW.encode("utf-16-be"), "it looks like UTF-16"),
        (b"one\ntwo\x00", ":2: character 7 is the control character U+0000"),
        (b"a \x1b[31mred", ":1: character 2 is the control character U+001B"),
        ("\x93quote\x94".encode(), ":1: character 0 is the control character U+0093"),
    ],
)
def test_bad_bytes(tmp_path: Path, raw: bytes, reason: str) -> None:
    """Bytes that are no text are refused with the place and what they look like."""
    path = tmp_path / "bad.txt"
    path.write_bytes(raw)

    assert refusal(path).removeprefix(str(path)).removeprefix(": ").endswith(reason)


def test_an_endless_line(tmp_path: Path) -> None:
    """A 20 MB line is refused, by its size, before it is read."""
    path = tmp_path / "long.txt"
    path.write_bytes(b"word " * 4_000_000)

    assert refusal(path) == f"{path}: has 20,000,000 bytes, an article at most 1,000,000"


@pytest.mark.parametrize(
    "unit", ["word ", "a", ".", '"', "- ", "Word.\n", "\n", "tags ", " ,", "\ufeff", "©", "1 "]
)
def test_the_longest_article_takes_seconds(unit: str) -> None:
    """The largest file that is read is parsed in a time that its size explains."""
    text = (unit * MAX_BYTES)[: MAX_BYTES // 5]
    start = process_time()

    parse("x", text, "en")

    assert process_time() - start < 5  # measured 0.01-0.4 s


@pytest.mark.parametrize(
    ("make", "reason"), [(Path.mkdir, "is not a file"), (lambda path: None, "no such file")]
)
def test_no_file(tmp_path: Path, make, reason: str) -> None:  # type: ignore[no-untyped-def]
    """A path that is no file is named."""
    make(tmp_path / "x.txt")

    assert reason in refusal(tmp_path / "x.txt")


def read_refusal(paths: list[Path], langs: dict[str, str] | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read(paths, langs)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_one_version(tmp_path: Path) -> None:
    """One version is no story."""
    assert "found 1 version of the story" in read_refusal([story(tmp_path, a=ENGLISH)])


def test_no_versions(tmp_path: Path) -> None:
    """A folder without texts is named."""
    (tmp_path / "README.md").write_text("notes")
    (tmp_path / ".hidden.txt").write_text(ENGLISH)

    assert read_refusal([tmp_path]) == f"{tmp_path}: has no *.txt files"


def test_same_stem(tmp_path: Path) -> None:
    """Two files with one id are refused, both named."""
    story(tmp_path, a=ENGLISH)
    (tmp_path / "more").mkdir()
    other = story(tmp_path / "more", a=ITALIAN) / "a.txt"

    assert (
        read_refusal([tmp_path / "a.txt", other]) == f"{other}: has the same id, a, as {tmp_path / 'a.txt'}"
    )


def test_langs_override(tmp_path: Path) -> None:
    """What the user says of a version's language is not detected again."""
    assert [article.lang for article in read([story(tmp_path, a=ENGLISH, b=ITALIAN)], {"a": "it"})] == [
        "it",
        "it",
    ]


@pytest.mark.parametrize(
    ("langs", "reason"), [({"c": "it"}, "no such version"), ({"a": "xx"}, "no such language")]
)
def test_bad_override(tmp_path: Path, langs: dict[str, str], reason: str) -> None:
    """An override of nothing, or with a code that is none of ours, is refused."""
    assert reason in read_refusal([story(tmp_path, a=ENGLISH, b=ITALIAN)], langs)


def test_unknown_language_names_the_file(tmp_path: Path) -> None:
    """A version in no known language is named, with what it is in and how to overrule that."""
    french = "Le président des États-Unis a annoncé jeudi que le pays rejoindrait les accords."

    reason = read_refusal([story(tmp_path, a=ENGLISH, b=french)])

    assert reason == f"{tmp_path / 'b.txt'}: is in fr, expected ar or en or he or it; --lang b=CODE overrides"


def test_no_body(tmp_path: Path) -> None:
    """A file of furniture alone is no article."""
    reason = read_refusal([story(tmp_path, a=ENGLISH, b="Tags\n\nRead more\n\n***")])

    assert reason == f"{tmp_path / 'b.txt'}: has no body text, only boilerplate"


def test_order(tmp_path: Path) -> None:
    """Versions come in the order of the paths, and by name within a folder."""
    (tmp_path / "folder").mkdir()
    story(tmp_path, z=ENGLISH)
    story(tmp_path / "folder", b=ITALIAN, a=ENGLISH)

    assert [article.id for article in read([tmp_path / "z.txt", tmp_path / "folder"])] == ["z", "a", "b"]

"""The page in a browser: what it shows, where, and what it never does."""

import base64
import hashlib
import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from pipeline.records import Article, Block, Member, Statement, Synopsis
from pipeline.tables import report
from pipeline.tables.provenance import Model, Run
from tests.tables.browser import CHROMIUM, Page, browser
from tests.tables.stories import CLUB, NASTY, club, large, nasty

RUN = Run(
    versions={"synoptic": "1"},
    models=(Model("encoder", "e5"), Model("translator he", "embedded", "step-9", "ab", "9 BLEU, rough")),
    timings={"align": 123.456},
    flags={"cut": "ends early", "loose": "not sure", "untranslated": "no English"},
)
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

needs_browser = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium on this machine: apt install chromium"
)


class Scripts(HTMLParser):
    """Collects what would run or be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.fetched: list[str] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script" and ("type", "application/json") not in attrs
        if self.inside:
            self.scripts.append("")
        self.fetched += [
            str(value) for name, value in attrs if name in ("src", "href") or name.startswith("on")
        ]

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, story in (("club", club()), ("nasty", nasty())):
        report.write(story, RUN, folder / f"{name}.html")
    return folder


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page


def shown(tab: Page) -> object:
    return tab.run("[...body.children].filter(row => !row.hidden).map(row => row.id).join(' ')")


def fill(tab: Page, name: str, value: str) -> object:
    """Set a filter as a person does, and return what is shown."""
    tab.run(f"form.elements.{name}.value = {value!r}; form.dispatchEvent(new Event('input'))")
    tab.frame()
    return shown(tab)


@pytest.mark.parametrize("name", ["club", "nasty"])
def test_only_its_own_script_can_run(pages: Path, name: str) -> None:
    """One script, known by its hash to the page's policy; nothing is fetched; no text is markup."""
    page = (pages / f"{name}.html").read_text(encoding="utf-8")
    found = Scripts()
    found.feed(page)
    (script,) = found.scripts
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}" in page or f"script-src 'sha256-{digest}" in page
    assert "default-src 'none'" in page
    assert found.fetched == []


def test_same_bytes(pages: Path, tmp_path: Path) -> None:
    """The same story gives the same page; how long the run took is not in it."""
    report.write(club(), RUN, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == (pages / "club.html").read_bytes()
    assert b"123.456" not in (tmp_path / "again.html").read_bytes()


def test_the_page_says_how_good_a_translator_is(pages: Path) -> None:
    """What was measured of a model stands where the page says how it was made."""
    made = (pages / "club.html").read_text(encoding="utf-8").split("How this was made")[1]
    assert "9 BLEU, rough" in made


def test_a_story_without_titles_or_statements(tmp_path: Path) -> None:
    """There is a page even if nothing was found."""
    empty = Article("a", "en", "", ())
    titled = Article("b", "it", "Titolo\n\nTesto", (Block(0, 6, "title"), Block(8, 13, "body")))
    report.write(Synopsis((empty, titled), (), (), {}, ()), RUN, tmp_path / "empty.html")
    assert "Titolo" in (tmp_path / "empty.html").read_text(encoding="utf-8")


@needs_browser
@pytest.mark.parametrize("name", ["club", "nasty"])
def test_nothing_happens(pages: Path, tab: Page, name: str) -> None:
    """No error, no dialog, no request, and the title is ours, whatever the texts say."""
    tab.said.clear()
    tab.open(pages / f"{name}.html")
    tab.frame()
    assert tab.said == []
    assert "side by side" in str(tab.run("document.title"))
    assert tab.run("document.querySelectorAll('script').length") == 2


@needs_browser
def test_texts_are_shown_as_they_are(pages: Path, tab: Page) -> None:
    """Every cell reads as its text, tags and all; characters that would turn text around are named."""
    tab.open(pages / "nasty.html")
    cells = tab.run("[...document.querySelectorAll('[role=cell] .source bdi')].map(cell => cell.textContent)")
    named = [re.sub(r"[\x01\r\u202d\u202e]", lambda m: f"U+{ord(m[0]):04X}", text) for text in NASTY]
    assert cells == [text for text in named for _ in range(2)]


@needs_browser
def test_directions(pages: Path, tab: Page) -> None:
    """Arabic and Hebrew begin at the right of their cell, English and their English at the left."""
    tab.open(pages / "club.html")
    script = """[...document.querySelectorAll('#s001 .said p')].map(p => {
      const range = document.createRange(), words = p.querySelector('bdi'), box = p.getBoundingClientRect();
      range.setStart(words.firstChild, 0); range.setEnd(words.firstChild, 3);
      const first = range.getBoundingClientRect();
      return [p.lang, first.left - box.left < 3, box.right - first.right < 3];
    })"""
    assert tab.run(script) == [
        ["ar", False, True],
        ["en", True, False],
        ["en", True, False],
        ["en", True, False],
        ["he", False, True],
        ["en", True, False],
    ]


@needs_browser
def test_an_override_stays_in_its_cell(pages: Path, tab: Page) -> None:
    """A right-to-left override in one text does not turn around what stands after it."""
    tab.open(pages / "nasty.html")
    script = """(() => {
      const words = [...document.querySelectorAll('.source')].find(p => p.textContent.includes('U+202E'));
      const range = document.createRange(), last = words.querySelector('bdi').lastChild;
      const x = at => {
        range.setStart(last, at); range.setEnd(last, at + 1);
        return range.getBoundingClientRect().left;
      };
      const to = last.data.indexOf('to right');
      return x(to + 1) > x(to);
    })()"""
    assert tab.run(script) is True


@needs_browser
def test_columns_line_up(pages: Path, tab: Page) -> None:
    """Each cell is under its version's head; a version without counterpart says so in its place."""
    tab.open(pages / "club.html")
    script = """['.head [role=row]', '#s001', '#s002'].map(row =>
      [...document.querySelector(row).children].slice(1, 6)
        .map(cell => Math.round(cell.getBoundingClientRect().left)))"""
    places = tab.run(script)
    assert isinstance(places, list)
    assert places[0] == places[1] == places[2] == sorted(set(places[0]))
    assert tab.run("document.querySelector('#s001 .none').innerText") == "no counterpart"


@needs_browser
def test_filters(pages: Path, tab: Page) -> None:
    """Speaker, language, flag, kind, confidence and search each leave the rows that fit, and say how many."""
    tab.open(pages / "club.html")
    assert shown(tab) == "s001 s002 s003"
    expected = {
        ("speaker", "il ministro"): "s002",
        ("lang", "he"): "s001",
        ("flag", "loose"): "s003",
        ("kind", "quote"): "s001 s002",
        ("kind", "alone"): "s002",
        ("kind", "differs"): "s001",
        ("confidence", "0.6"): "s001",
        ("search", "FORTALEZA club"): "s001",
        ("search", "القَوي"): "s001",
        ("search", "nothing like it"): "",
        ("order", "unsure"): "s003 s001 s002",
        ("order", "versions"): "s001 s003 s002",
    }
    for (name, value), rows in expected.items():
        assert fill(tab, name, value) == rows, (name, value)
        if name == "lang":
            assert tab.run("form.elements.count.value") == "1 of 3 statements"
        tab.run("form.reset()")
        tab.frame()
    assert shown(tab) == "s001 s002 s003"


@needs_browser
def test_context(pages: Path, tab: Page) -> None:
    """A rest of the mouse, a click, or Enter shows the words in their article; Escape takes it away."""
    tab.open(pages / "club.html")
    place = tab.run(
        "(b => [b.left + 20, b.top + 10])(document.querySelector('#s001 .said p').getBoundingClientRect())"
    )
    assert isinstance(place, list)
    tab.hover(*place)
    tab.run("new Promise(done => setTimeout(done, 600))")
    assert tab.run("document.querySelector('#context:not([hidden]) mark').textContent") == CLUB["001_ar"]
    text = str(tab.run("document.querySelector('#context .source').textContent"))
    assert text == f"{CLUB['001_ar']} And more."
    tab.press("Escape")
    assert tab.run("context.hidden") is True
    tab.click(*place)
    assert tab.run("document.querySelector('#s001 .said button').getAttribute('aria-expanded')") == "true"
    tab.click(*place)
    assert tab.run("context.hidden") is True


@needs_browser
def test_context_counts_as_the_browser_does(tmp_path: Path, tab: Page) -> None:
    """Characters beyond the sixteenth bit do not shift the words."""
    text = "🏛𝔸 first. Second 🏛 words. Third."
    start = text.index("Second")
    articles = tuple(Article(name, "en", text, (Block(0, len(text), "body"),)) for name in ("a", "b"))
    members = tuple(Member(name, "en", start, start + 15, text[start : start + 15]) for name in ("a", "b"))
    story = Synopsis(articles, (), (), {}, (Statement("s001", "statement", members, 0.5),))
    report.write(story, RUN, tmp_path / "wide.html")
    tab.open(tmp_path / "wide.html")
    tab.run("open(document.querySelector('.source'))")
    assert tab.run("document.querySelector('#context mark').textContent") == "Second 🏛 words."


@needs_browser
def test_keyboard(pages: Path, tab: Page) -> None:
    """j and k go through the statements, Enter opens the first text, / goes to the search."""
    tab.open(pages / "club.html")
    for _ in range(3):
        tab.press("j")
    tab.press("k")
    assert tab.run("document.activeElement.id") == "s002"
    tab.press("Enter")
    assert "Siamo pronti" in str(tab.run("document.querySelector('#context:not([hidden])').textContent"))
    tab.press("/")
    assert tab.run("document.activeElement.name") == "search"


@needs_browser
@pytest.mark.parametrize("width", [360, 820, 1440])
def test_nothing_is_cut_off(pages: Path, tab: Page, width: int) -> None:
    """On a phone there is nothing to scroll sideways; everywhere every text is inside its cell."""
    for name in ("club", "nasty"):
        tab.open(pages / f"{name}.html", width=width)
        if width < 960:
            assert tab.run("document.documentElement.scrollWidth") == width
        outside = tab.run(
            """[...document.querySelectorAll('.body [role=cell], .body [role=rowheader]')]
               .filter(cell => cell.scrollWidth > cell.clientWidth + 1).map(cell => cell.textContent)"""
        )
        assert outside == []


@needs_browser
def test_print(pages: Path, tab: Page) -> None:
    """On paper all columns are on the page and the tools are not."""
    tab.open(pages / "club.html", width=1060)
    tab.media("print")
    assert tab.run("getComputedStyle(form).display") == "none"
    assert tab.run("document.documentElement.scrollWidth") == 1060
    tab.media("")


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
def test_accessible(pages: Path, tab: Page, dark: bool) -> None:
    """axe-core finds nothing, light or dark."""
    if not AXE.exists():
        pytest.skip("no axe-core in this checkout: npm install --no-save axe-core")
    tab.open(pages / "club.html", dark=dark)
    tab.run(AXE.read_text(encoding="utf-8"))
    found = tab.run(
        """axe.run().then(result => result.violations.map(
             found => [found.id, found.nodes.map(node => node.html.slice(0, 200) + node.failureSummary)]))"""
    )
    assert found == []


@needs_browser
def test_two_thousand_rows(tmp_path: Path, tab: Page) -> None:
    """Filtering 2,000 statements takes a fraction of a second, and scrolling draws only what is seen."""
    report.write(large(2000), RUN, tmp_path / "large.html")
    tab.open(tmp_path / "large.html")
    tab.frame()
    script = """(() => {
      const begun = performance.now();
      form.elements.lang.value = 'he'; show(); document.body.offsetHeight;
      return performance.now() - begun;
    })()"""
    took = min(float(str(tab.run(script))) for _ in range(3))
    assert took < 500
    assert tab.run("form.elements.count.value") == "1600 of 2000 statements"
    drawn = "rows.filter(row => row.firstElementChild.checkVisibility({contentVisibilityAuto: true})).length"
    assert int(str(tab.run(drawn))) < 100

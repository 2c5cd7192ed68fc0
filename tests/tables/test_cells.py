"""Cells as XlsxWriter writes them."""

import io
import re
import zipfile

import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tables import cells

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    [
        "_x000D_",
        "a_x41_x0041_",
        " a",
        "a ",
        "\ta\n",
        "\x1fa",
        "<&>\"'",
        "]]>",
        "\ufffe\uffff",
        "\u3000a",
        "a\x85",
    ]
)


def by_xlsxwriter(write: str, *content: object) -> str:
    """Return the cell A1 with the first style after the default one."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        style = book.add_format({"text_wrap": True})
        differs = book.add_format({"bold": True, "underline": 1, "font_color": "#7A3E00"})
        looks = {cells.DIFFERS: differs, cells.PLAIN: book.add_format()}
        given = [looks.get(one, one) if isinstance(one, str) else one for one in content]
        getattr(book.add_worksheet(), write)(0, 0, *given, style)
    with zipfile.ZipFile(file) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    found = re.search(r"<c .*</c>", sheet, re.DOTALL)
    assert found
    return found[0]


@settings(deadline=None)
@given(TEXT.filter(lambda text: not text.startswith("<r>")))
def test_a_string_is_as_xlsxwriter_writes_it(text: str) -> None:
    """Escapes of XML, escapes of control characters, and white space that would be lost."""
    assert cells.string("A1", text, 1) == by_xlsxwriter("write_string", text)


@settings(deadline=None)
@given(st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6))
def test_a_number_is_as_xlsxwriter_writes_it(number: float) -> None:
    """To 16 digits."""
    assert cells.value("A1", number, 1) == by_xlsxwriter("write_number", number)


ODD = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_")
"""What XlsxWriter (3.3) escapes twice in a rich string."""


@settings(deadline=None)
@given(st.lists(TEXT.filter(lambda text: not ODD.search(text)), min_size=2, max_size=4), st.booleans())
def test_a_rich_string_is_as_xlsxwriter_writes_it(texts: list[str], first: bool) -> None:
    """Marked and plain runs in turn; a plain one in front has the cell's own look."""
    runs = [((cells.DIFFERS, cells.PLAIN)[(at + first) % 2], text) for at, text in enumerate(texts)]
    flat = [part for at, run in enumerate(runs) for part in (run[1:] if at == 0 and first else run)]
    assert cells.rich("A1", runs, 1) == by_xlsxwriter("write_rich_string", *flat)


def test_a_row_has_its_height() -> None:
    """In points, whatever is in it."""
    whole = cells.row(2, 33.0, [cells.value("A2", 1, 4), cells.string("C2", "a", 5)])
    assert whole == (
        '<row r="2" ht="33" customHeight="1"><c r="A2" s="4"><v>1</v></c>'
        '<c r="C2" s="5" t="inlineStr"><is><t>a</t></is></c></row>'
    )

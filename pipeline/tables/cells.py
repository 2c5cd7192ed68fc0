"""Rows of a sheet as SpreadsheetML (ECMA-376-1, 18.3.1), to the byte as XlsxWriter writes them.

XlsxWriter does all else of a workbook. The 1.3 million cells of 10,000 statements take it 30 s, and this 4
(benchmarks/tables.py).
"""

import re
from collections.abc import Iterable, Sequence

DIFFERS = '<b/><u/><sz val="11"/><color rgb="FF7A3E00"/>'
PLAIN = '<sz val="11"/><color theme="1"/>'
"""How a run of characters looks."""

Run = tuple[str, str]
"""A look and a text that is not empty."""

_FONT = '<rFont val="Calibri"/><family val="2"/><scheme val="minor"/>'
_ODD = re.compile(r"[&<>\x00-\x08\x0b-\x1f\ufffe\uffff]|_x[0-9a-fA-F]{4}_|^\s|\s$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
LOOKS_ESCAPED = re.compile(r"(_x[0-9a-fA-F]{4}_)")
"""What stands for a control character in a cell, and has to be escaped where it stands for itself."""


def row(number: int, height: float, cells: Iterable[str]) -> str:
    """Return a row, numbered from 1, of so many points."""
    return f'<row r="{number}" ht="{height:g}" customHeight="1">{"".join(cells)}</row>'


def value(place: str, number: float, style: int) -> str:
    """Return a cell with a number."""
    return f'<c r="{place}" s="{style}"><v>{number:.16G}</v></c>'


def string(place: str, text: str, style: int) -> str:
    """Return a cell with a text, which is never run."""
    return f'<c r="{place}" s="{style}" t="inlineStr"><is>{_text(text)}</is></c>'


def rich(place: str, runs: Sequence[Run], style: int) -> str:
    """Return a cell with a text whose runs look unlike; a plain one in front looks as the cell does."""
    parts = [
        f"<r>{_text(text)}</r>"
        if at == 0 and look is PLAIN
        else f"<r><rPr>{look}{_FONT}</rPr>{_text(text)}</r>"
        for at, (look, text) in enumerate(runs)
    ]
    return f'<c r="{place}" s="{style}" t="inlineStr"><is>{"".join(parts)}</is></c>'


def _text(text: str) -> str:
    if not _ODD.search(text):
        return f"<t>{text}</t>"
    escaped = _CONTROL.sub(lambda c: f"_x{ord(c[0]):04X}_", LOOKS_ESCAPED.sub(r"_x005F\1", text))
    space = ' xml:space="preserve"' if escaped[0].isspace() or escaped[-1].isspace() else ""
    escaped = escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<t{space}>{escaped}</t>"

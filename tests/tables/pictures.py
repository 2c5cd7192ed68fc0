"""The pictures of docs/translators.md: `python -m tests.tables.pictures out docs/pictures`."""

import sys
import tempfile
from pathlib import Path

from tests.tables.browser import browser


def main() -> None:
    out, pictures = map(Path, sys.argv[1:])
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as tab:
        tab.open(out / "report.html", width=1280, height=1000)
        tab.frame()
        tab.picture(pictures / "report.png")
        tab.run("form.elements.kind.value = 'quote'; form.elements.order.value = 'versions'; show()")
        tab.run("document.querySelector('main').scrollIntoView()")
        tab.run("open(document.querySelector('.body [role=row]:not([hidden]) .source[lang=ar]'))")
        tab.frame()
        tab.picture(pictures / "context.png")
        tab.open(out / "report.html", width=390, height=844, dark=True)
        tab.run("document.querySelector('main').scrollIntoView()")
        tab.frame()
        tab.picture(pictures / "phone.png")


if __name__ == "__main__":
    main()

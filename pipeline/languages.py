"""The languages of the catalogue: codes, scripts, directions."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Language:
    """A language that can be read; `code` is ISO 639-1, `nllb` the code NLLB-200 was trained with."""

    code: str
    name: str
    nllb: str
    script: Literal["Arab", "Hebr", "Latn"]
    direction: Literal["ltr", "rtl"]


LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("ar", "Arabic", "arb_Arab", "Arab", "rtl"),
        Language("en", "English", "eng_Latn", "Latn", "ltr"),
        Language("he", "Hebrew", "heb_Hebr", "Hebr", "rtl"),
        Language("it", "Italian", "ita_Latn", "Latn", "ltr"),
    )
}

"""Which names of the seeds the benchmark asks for."""

from benchmarks.names import named
from benchmarks.seeds import SEEDS
from pipeline import articles


def test_names_are_found_behind_prefixes_and_whole() -> None:
    """`לקזחסטן` is Kazakhstan, and a president's full name is not his family name again."""
    (hebrew,) = (article for article in articles.read([SEEDS]) if article.lang == "he")
    sentences = named(hebrew)
    text, names = sentences[0]
    assert text.startswith('נשיא ארה"ב דונלד טראמפ')
    assert "Donald Trump" in names
    assert "Benjamin Netanyahu" in names
    assert "Trump" not in names
    text, names = sentences[1]
    assert "לקזחסטן" in text
    assert names == ["Israel", "Kazakhstan"]

"""An input with a story for every article."""

from pathlib import Path

from pipeline.batch.entries import Entry, Reject
from pipeline.batch.models import LocalModels
from pipeline.batch.naming import completed, line
from pipeline.batch.reading import read
from pipeline.batch.stories import Linkage
from tests.batch import toy


def test_given_stories_stay_and_missing_ones_are_found(tmp_path: Path) -> None:
    """Articles come in the order of the input, rejects are told, and the lines are a batch's input again."""
    records = list(toy.records(3))
    for record in records[4:6]:
        record["story"] = ""
    source = toy.write(tmp_path / "in.jsonl", [*records, {"id": "", "text": "x"}])
    rejects: list[Reject] = []
    found = list(completed(source, toy.models, Linkage(), rejects.append))
    assert [one.id for one in found] == [record["id"] for record in records]
    assert [one.story for one in found if not one.story.startswith("found-")] == [
        record["story"] for record in records if record["story"]
    ]
    assert [reject.place for reject in rejects] == ["in.jsonl:10"]
    (tmp_path / "out.jsonl").write_text("".join(f"{line(one)}\n" for one in found), encoding="utf-8")
    again = [one for one in read(tmp_path / "out.jsonl") if isinstance(one, Entry)]
    assert [(a.id, a.story, a.text) for a in again] == [(f.id, f.story, f.text) for f in found]


def test_no_model_is_opened_where_every_article_has_its_story(tmp_path: Path) -> None:
    """Models take seconds to open."""

    def forbidden() -> LocalModels:
        raise AssertionError("opened")

    source = toy.write(tmp_path / "in.jsonl", toy.records(2))
    assert len(list(completed(source, forbidden, Linkage(), print))) == 6

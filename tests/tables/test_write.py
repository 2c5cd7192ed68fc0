"""The folder that a run leaves."""

import json
from dataclasses import replace
from pathlib import Path

from pipeline.tables import delimited
from pipeline.tables.provenance import Model, Reject, Run, counts, versions
from pipeline.tables.write import RECORD, TABLES, write
from tests.tables.stories import club

RUN = Run(
    versions=versions(),
    models=(Model("encoder", "multilingual-e5-small", "0.3.0", "ab" * 32),),
    options={"engine": "none"},
    counts=counts(club()),
    timings={"align": 0.123456},
    rejects=(Reject("a.txt:3", "nobody knows its language"),),
    flags={"cut": "the engine stopped early"},
)


def bytes_of(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_all_files_are_there(tmp_path: Path) -> None:
    """The folder holds what is documented, and nothing else."""
    write(club(), RUN, tmp_path / "out")
    assert sorted(bytes_of(tmp_path / "out")) == sorted((*TABLES, RECORD))


def test_same_input_same_bytes(tmp_path: Path) -> None:
    """Two runs differ in the record's timings alone; a second run into the same folder differs in nothing."""
    write(club(), RUN, tmp_path / "one")
    slower = replace(RUN, timings={"align": 9.0})
    write(club(), slower, tmp_path / "two")
    one, two = bytes_of(tmp_path / "one"), bytes_of(tmp_path / "two")
    records = [json.loads(files.pop("run.json")) for files in (one, two)]
    assert one == two
    assert [record.pop("timings") for record in records] == [{"align": 0.123}, {"align": 9.0}]
    assert records[0] == records[1]
    before = bytes_of(tmp_path / "one")
    write(club(), slower, tmp_path / "one")
    assert bytes_of(tmp_path / "one") == before


def test_the_record_knows_the_files(tmp_path: Path) -> None:
    """When a table changes, so does its hash in the record, and with it the timings."""
    write(club(), RUN, tmp_path)
    before = json.loads((tmp_path / "run.json").read_text())
    write(replace(club(), renderings=()), replace(RUN, timings={"align": 9.0}), tmp_path)
    after = json.loads((tmp_path / "run.json").read_text())
    assert before["files"]["statements.csv"] == after["files"]["statements.csv"]
    assert before["files"]["renderings.csv"] != after["files"]["renderings.csv"]
    assert after["timings"] == {"align": 9.0}
    assert after["models"][0]["name"] == "multilingual-e5-small"
    assert after["rejects"] == [{"place": "a.txt:3", "reason": "nobody knows its language"}]


def test_byte_order_mark(tmp_path: Path) -> None:
    """It can be dropped."""
    write(club(), RUN, tmp_path, bom=False)
    assert (tmp_path / "quotes.csv").read_bytes().startswith(b'"statement"')
    assert delimited.read(tmp_path / "quotes.csv").columns[0] == "statement"

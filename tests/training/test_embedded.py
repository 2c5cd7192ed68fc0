"""The model that ships, as training sees it."""

import json

from pipeline.manifests import manifest_folder
from training.shipped import shipped


def test_the_model_that_ships_can_be_gone_on_from() -> None:
    """It is whole, and of the size that the recipe has on a CPU."""
    folder = manifest_folder() / "embedded"
    pieces = json.loads((folder / "source_vocabulary.json").read_text(encoding="utf-8"))
    found = shipped(folder, pieces, 384)
    assert (found.decoder_layers, found.outputs) == (3, 8_000)
    assert {name for name in found.average if name.startswith("encoder.layers.7.")}
    assert all(bool(weight.isfinite().all()) for weight in found.average.values())

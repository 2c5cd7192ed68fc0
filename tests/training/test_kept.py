"""The checkpoint that the repository keeps."""

from pathlib import Path

from training import checkpoint, parts

KEPT = Path(__file__).parents[2] / "training" / "checkpoint"


def test_the_kept_checkpoint_can_be_gone_on_from(tmp_path: Path) -> None:
    """Its parts are whole, and join to a checkpoint of the size that the recipe has on a CPU."""
    found = checkpoint.read(parts.join(KEPT / "compact.pt.parts.json", tmp_path))
    assert (found.decoder_layers, found.outputs) == (3, 8_000)
    assert found.progress.tokens > 9_000_000
    assert {name for name in found.average if name.startswith("encoder.layers.7.")}
    assert all(bool(weight.isfinite().all()) for weight in found.average.values())

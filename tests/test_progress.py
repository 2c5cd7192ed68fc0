"""How far a stage is, in plain lines."""

from pipeline.progress import EVERY_S, _lines


def test_a_line_comes_now_and_then_with_rate_and_time_left() -> None:
    """Every ten seconds at most, counted from the stage's first word, and anew for the next stage."""
    now, said = [0.0], list[str]()
    told = _lines("translating", said.append, lambda: now[0])
    for at, done in ((50, 0), (55, 10), (61, 20), (65, 30), (100, 0), (120, 50)):
        now[0] = float(at)
        told(done, 100)
    assert said == ["translating: 20/100, 1.8/s, 44 s left", "translating: 50/100, 2.5/s, 20 s left"]


def test_a_stage_that_is_over_at_once_says_nothing() -> None:
    """Loading models before it is no part of it."""
    now, said = [0.0], list[str]()
    told = _lines("translating", said.append, lambda: now[0])
    now[0] = 5 * EVERY_S
    told(88, 88)
    told(88, 88)
    assert said == []

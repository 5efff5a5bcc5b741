"""A hundred worlds of each kind in the sample, some hundred in the full run, and thousands with `make worlds`."""

from collections import Counter

import pytest

from testgate.model import Conclusion
from tests.support.marks import full
from tests.worlds.__main__ import PLAYS, report_of
from tests.worlds.facts import world_facts
from tests.worlds.jobs import job_facts
from tests.worlds.oracle import Ruling
from tests.worlds.playing import Played, play_lie, play_seed, with_ruling

BLOCK = 50


@pytest.mark.parametrize("first", [*range(0, 150, BLOCK), *map(full, range(150, 400, BLOCK))])
@pytest.mark.parametrize("play", PLAYS)
def test_the_verdict_is_what_the_truth_allows(play: str, first: int) -> None:
    """No false green, no red without a documented reason, no crash, no hang, no stop of somebody else's run."""
    for seed in range(first, first + BLOCK):
        played = PLAYS[play](seed)
        assert not played.problems, report_of(play, played)


# The first plays that found something, with what was fixed since.
@pytest.mark.parametrize(
    ("play", "seed"),
    [
        ("worlds", 309),  # the first run never ran and its rerun passed: the result of both together hid that
        ("worlds", 303),  # the same after an abort
        ("worlds", 331),  # the same of an unknown result
        ("worlds", 3048),  # a test that had passed did not run in the last attempt
        ("equal", 247),  # equal cases with different names: the failure of one landed on the other, in quarantine
        ("equal", 788),  # of two equal tests one is skipped: the other's failure landed on it
        ("worlds", 62),  # results that are written after the end: no test had run
        ("worlds", 1435),  # the same hid a flaky test
        ("worlds", 387),  # counters that are partly null: no test had passed
        ("lies", 116),  # a list whose own result can't be read
        ("lies", 2208),  # a rerun without an ID was taken for none
        ("job-lies", 84),  # a job that had failed was queued again: a run without an end
    ],
)
def test_seeds_that_found_something(play: str, seed: int) -> None:
    """They are judged correctly now."""
    played = PLAYS[play](seed)
    assert not played.problems, report_of(play, played)


def test_the_same_seed_is_the_same_play() -> None:
    """Log, verdict and lie are the same to the letter: a failing seed can be replayed."""
    for play in PLAYS.values():
        for seed in (3, 10, 41):
            assert play(seed) == play(seed)


def test_worlds_differ() -> None:
    """There are reruns of both kinds, accidents, equal tests, quarantines, and every habit."""
    worlds = [world_facts(seed) for seed in range(300)]
    plans = [plan for world in worlds for plan in world.plans]
    assert sum(plan.reruns > 1 for plan in plans) > 50
    assert sum(plan.reruns_all for plan in plans) > 50
    assert len({accident.kind for plan in plans for accident in plan.accidents}) == 5
    equal = [plan for plan in plans if len({test.shown for test in plan.tests}) < len(plan.tests)]
    assert len(equal) > 30
    assert sum(bool(world.quarantine) for world in worlds) > 50
    assert {world.habits.counters for world in worlds} == {"true", "null", "missing", "zero", "partly", "text"}
    for name in ("lax", "shuffles", "late", "consolidates", "combined", "header", "parents", "details"):
        assert len({getattr(world.habits, name) for world in worlds}) > 1
    assert {job_facts(seed).habits.counters for seed in range(50)} == {"true", "missing", "zero"}


def test_worlds_end_in_many_ways() -> None:
    """Green and red, by the truth and by the verdict."""
    played = [play_seed(seed) for seed in range(60)]
    assert sum(not each.ruling.red for each in played) > 15
    assert sum(bool(each.ruling.red) for each in played) > 15
    assert len({each.conclusion for each in played}) >= 4


def test_lies_are_told() -> None:
    """Many fields of many answers are lied about, where the truth is green and where it is red."""
    lied = [each for each in map(play_lie, range(150)) if each.lie]
    truths = Counter(bool(each.ruling.red) for each in lied)
    assert min(truths[True], truths[False]) > 20
    assert len({each.lie.partition(" is ")[0] for each in lied}) > 30


def test_wrong_verdicts_are_noticed() -> None:
    """Green where the truth is red is a problem, and red where nothing excuses it."""
    green = Played(1, 0, Conclusion.PASSED, "", Ruling(""), (), "")
    red = green._replace(code=1, conclusion=Conclusion.FAILED)
    assert not with_ruling(green).problems
    assert with_ruling(green._replace(ruling=Ruling("a test failed"))).problems
    assert with_ruling(red).problems
    assert not with_ruling(red._replace(ruling=Ruling("", ["equal tests"]))).problems
    assert with_ruling(red._replace(ruling=Ruling("a test failed"), nonsense=["a start of nothing"])).problems

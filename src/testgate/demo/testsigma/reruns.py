"""What a rerun asks for: the checks of its body, and the tests that it selects. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from testgate.demo.testsigma import timeline
from testgate.demo.testsigma.replies import Refusal, invalid
from testgate.demo.testsigma.runs import Place, SimulatedRun

ALREADY_RERUN: Final = "ReRun Parent Id Already Exists"

_ONLY_FAILED: Final = frozenset({"ONLY_FAILED_TESTS", "ALL_ITERATIONS", "ONLY_FAILED_ITERATIONS"})
_ITERATION_TYPES: Final = frozenset({"ALL", "FAILED", "PASSED", "USER_PICKED"})


def wanted_run(body: Mapping[str, Any], millis: int) -> str:
    """The id of the run that a rerun's body names.

    Raises:
        Refusal: it names none.

    """
    run_id = _id(body.get("executionResultId"))
    if run_id is None:
        raise Refusal(invalid("executionResultId is missing or has a wrong type", "executionResultId", millis, 422))
    return str(run_id)


def selected(run: SimulatedRun, body: Mapping[str, Any], millis: int) -> tuple[Place, ...]:
    """The tests of a run that a rerun's body selects.

    The iteration types run failed tests only, as on the vendor's open-source server.

    Raises:
        Refusal: the body is wrong, or selects nothing.

    """
    kind = body.get("reRunType")
    if kind == "USER_PICKED":
        return _picked(run, body.get("testCaseResultRequests"), millis)
    if kind == "ALL_TESTS":
        places = run.places
    elif kind in _ONLY_FAILED:
        places = failed_places(run, narrow=kind == "ONLY_FAILED_ITERATIONS")
    else:
        raise Refusal(invalid("reRunType is unknown", "reRunType", millis, 400))
    if not places:
        raise Refusal(invalid("There is nothing to rerun", "reRunType", millis, 400))
    return places


def failed_places(run: SimulatedRun, *, narrow: bool = False) -> tuple[Place, ...]:
    """The tests that did not pass; `narrow` leaves iterations out that did."""
    if not narrow:
        return tuple(run.places[position] for position in run.failed)
    # A test can fail outside of its iterations: then all of them run again.
    return tuple(
        run.places[position]._replace(iterations=_with(run, position, "FAILED") or run.places[position].iterations)
        for position in run.failed
    )


def _picked(run: SimulatedRun, requests: object, millis: int) -> tuple[Place, ...]:
    """The tests that are asked for one by one, in the run's order."""
    if not (isinstance(requests, list) and requests and all(isinstance(each, dict) for each in requests)):
        raise Refusal(invalid("testCaseResultRequests is missing", "testCaseResultRequests", millis, 400))
    positions = {run.result_id(position): position for position in range(len(run.places))}
    found = {}
    for each in requests:
        position = positions.get(_id(each.get("id")) or 0)
        if position is None:
            raise Refusal(invalid("id is no test case result of this run", "testCaseResultRequests", millis, 422))
        found[position] = _narrowed(run, position, each, millis)
    return tuple(found[position] for position in sorted(found))


def _narrowed(run: SimulatedRun, position: int, asked: Mapping[str, Any], millis: int) -> Place:
    """One test with the iterations that are asked for; for a test without iterations it changes nothing."""
    kind = asked.get("iterationReRunType", "ALL")
    if kind not in _ITERATION_TYPES:
        raise Refusal(invalid("iterationReRunType is unknown", "iterationReRunType", millis, 400))
    place = run.places[position]
    if not place.iterations or kind == "ALL":
        return place
    chosen = _named(run, position, asked, millis) if kind == "USER_PICKED" else _with(run, position, kind)
    if not chosen:
        raise Refusal(invalid("No iteration is selected", "iterationResultIds", millis, 422))
    return place._replace(iterations=chosen)


def _named(run: SimulatedRun, position: int, asked: Mapping[str, Any], millis: int) -> tuple[int, ...]:
    """The iterations with the given result ids."""
    ids = asked.get("iterationResultIds")
    known = {run.iteration_id(position, number): place for number, place in enumerate(run.places[position].iterations)}
    wanted = {_id(each) for each in ids} if isinstance(ids, list) else set()
    if not wanted <= known.keys():
        raise Refusal(invalid("No iteration of this test has this id", "iterationResultIds", millis, 422))
    return tuple(place for each, place in known.items() if each in wanted)


def _with(run: SimulatedRun, position: int, kind: str) -> tuple[int, ...]:
    """The iterations that passed or, for FAILED, did not. A test that was stopped has none that passed."""
    cut = run.words[position] == timeline.STOPPED
    rows = zip(run.places[position].iterations, run.plan.tests[position].iterations, strict=True)
    return tuple(
        place for place, iteration in rows if (iteration.word in timeline.PASSING and not cut) == (kind == "PASSED")
    )


def _id(value: object) -> int | None:
    """An id as a number or digits."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value[:18])
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""Checks of request bodies: triggers, stops, and the tests that reruns select."""

from collections.abc import Mapping
from typing import Any, Final

from testgate.demo.exchange import json_object
from testgate.demo.testsigma.replies import Invalid
from testgate.demo.testsigma.runs import SelectedTest, SimulatedRun, failed_tests

_FIELDS: Final[Mapping[str, tuple[type, ...]]] = {
    "executionId": (int,),
    "environmentId": (int, str),
    "executionConfig": (dict,),
    "uploadVersions": (dict,),
    "buildNo": (str,),
    "runtimeData": (dict,),
    "isReRun": (bool,),
}
_ONLY_FAILED: Final = frozenset({"ONLY_FAILED_TESTS", "ALL_ITERATIONS", "ONLY_FAILED_ITERATIONS"})
_ITERATION_TYPES: Final = frozenset({"ALL", "FAILED", "PASSED", "USER_PICKED"})


def trigger_body(body: object) -> dict[str, Any]:
    """The body of a trigger.

    Raises:
        Invalid: it is not an object, or a field is missing or has a wrong type.

    """
    fields = json_object(body, _malformed())
    if name := _wrong_field(fields):
        raise Invalid(f"{name} is missing or has a wrong type", name, 422)
    return fields


def check_stop(body: object, *, everybody: bool) -> None:
    """Accept only the documented body of a stop; `canStopAll` defaults to true.

    Raises:
        Invalid: it is another body, or that of the other kind of stop.

    """
    given = {"canStopAll": True, **json_object(body, _malformed())}
    if given["canStopAll"] is not everybody or given != {"canStopAll": everybody, "result": "STOPPED"}:
        raise Invalid("The body does not ask for this kind of stop", "canStopAll")


def rerun_target(body: Mapping[str, Any]) -> str:
    """The id of the run that a rerun's body names.

    Raises:
        Invalid: there is none.

    """
    run_id = _id(body.get("executionResultId"))
    if run_id is None:
        raise Invalid("executionResultId is missing or has a wrong type", "executionResultId", 422)
    return str(run_id)


def rerun_selection(run: SimulatedRun, body: Mapping[str, Any]) -> tuple[SelectedTest, ...]:
    """The tests of a run that a rerun's body selects.

    The iteration types select failed tests only, as on the vendor's open-source server.

    Raises:
        Invalid: the body is wrong, or selects nothing.

    """
    kind = body.get("reRunType")
    if kind == "USER_PICKED":
        return _picked(run, body.get("testCaseResultRequests"))
    if kind == "ALL_TESTS":
        tests = run.selected
    elif kind in _ONLY_FAILED:
        tests = failed_tests(run, failed_iterations=kind == "ONLY_FAILED_ITERATIONS")
    else:
        raise Invalid("reRunType is unknown", "reRunType")
    if not tests:
        raise Invalid("There is nothing to rerun", "reRunType")
    return tests


def _malformed() -> Invalid:
    """The error for a body that isn't a JSON object."""
    return Invalid("Malformed JSON request", "")


def _wrong_field(body: Mapping[str, object]) -> str:
    """The first field of a trigger's body that is missing or wrong; "" if all are fine."""
    plan = body.get("executionId")
    if isinstance(plan, str) and plan.isdecimal():
        body = {**body, "executionId": int(plan)}
    elif plan is None or isinstance(plan, bool):
        return "executionId"
    for name, types in _FIELDS.items():
        if body.get(name) is not None and not isinstance(body[name], types):
            return name
    config = body.get("executionConfig")
    return "executionConfig" if isinstance(config, dict) and not config.keys() & {"name", "id"} else ""


def _picked(run: SimulatedRun, requests: object) -> tuple[SelectedTest, ...]:
    """The tests that are named one by one, in the run's order."""
    if not (isinstance(requests, list) and requests and all(isinstance(each, dict) for each in requests)):
        raise Invalid("testCaseResultRequests is missing", "testCaseResultRequests")
    positions = {run.result_id(position): position for position in range(len(run.selected))}
    found = {}
    for each in requests:
        position = positions.get(_id(each.get("id")) or 0)
        if position is None:
            raise Invalid("id is not a test case result of this run", "testCaseResultRequests", 422)
        found[position] = _with_iterations(run, position, each)
    return tuple(found[position] for position in sorted(found))


def _with_iterations(run: SimulatedRun, position: int, request: Mapping[str, Any]) -> SelectedTest:
    """One test with the iterations that are asked for; a test without iterations stays as it is."""
    kind = request.get("iterationReRunType", "ALL")
    if kind not in _ITERATION_TYPES:
        raise Invalid("iterationReRunType is unknown", "iterationReRunType")
    selected = run.selected[position]
    if not selected.iterations or kind == "ALL":
        return selected
    if kind == "USER_PICKED":
        iterations = _picked_iterations(run, position, request.get("iterationResultIds"))
    else:
        iterations = run.iterations(position, passed=kind == "PASSED")
    if not iterations:
        raise Invalid("No iteration is selected", "iterationResultIds", 422)
    return selected._replace(iterations=iterations)


def _picked_iterations(run: SimulatedRun, position: int, ids: object) -> tuple[int, ...]:
    """The iterations with these result ids."""
    iterations = run.selected[position].iterations
    known = {run.iteration_id(position, number): iteration for number, iteration in enumerate(iterations)}
    wanted = {_id(each) for each in ids} if isinstance(ids, list) else set()
    if not wanted <= known.keys():
        raise Invalid("No iteration of this test has this id", "iterationResultIds", 422)
    return tuple(iteration for each, iteration in known.items() if each in wanted)


def _id(value: object) -> int | None:
    """An id, given as a number or as digits; None if it is neither."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value[:18])
    return value if isinstance(value, int) and not isinstance(value, bool) else None

"""Starts of jobs: what the body selects, and the reply if that is already queued."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from testgate.demo.exchange import RawReply, Refusal, json_reply
from testgate.demo.testifly.jobs import Attempt, Order, Selection, SimulatedJob, id_of
from testgate.demo.testifly.scenarios import Already, Group, Scenario, Test

_SELECTORS = ("featureId", "testSuiteId", "testId", "tests")
_OTHER_FIELDS = ("action", "agentName")


def refused(status: int, message: str) -> Refusal:
    """The refusal with this message."""
    return Refusal(json_reply({"success": False, "message": message}, status))


def id_list(value: object, name: str) -> tuple[str, ...]:
    """A field's list of ids.

    Raises:
        Refusal: it is something else.

    """
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise refused(400, f"{name} must be a list of ids")
    return tuple(value)


def project_tests(scenario: Scenario) -> dict[str, Test]:
    """All tests of the project, by id."""
    groups = (*scenario.features.values(), *scenario.suites.values())
    return {id_of(test): test for group in groups for test in group.tests}


def order_of(scenario: Scenario, body: Mapping[str, Any], jobs: Iterable[SimulatedJob]) -> Order:
    """The order in a start's body; results of `jobs` can be started again.

    Raises:
        Refusal: the body is wrong, or selects something that doesn't exist.

    """
    given = [name for name in _SELECTORS if name in body]
    if body.get("action") != "executeTests":
        raise refused(400, "Unknown action")
    if unknown := sorted(body.keys() - {*_SELECTORS, *_OTHER_FIELDS}):
        raise refused(400, f"Unknown field {unknown[0]}")
    if len(given) != 1:
        raise refused(400, f"Exactly one of {', '.join(_SELECTORS)} is required")
    if not isinstance(body.get("agentName", ""), str):
        raise refused(400, "agentName must be a string")
    field = given[0]
    return order(scenario, field, _ids(field, body[field]), jobs)


def order(scenario: Scenario, field: str, ids: tuple[str, ...], jobs: Iterable[SimulatedJob] = ()) -> Order:
    """The order for what these ids select.

    Raises:
        Refusal: one of them doesn't exist.

    """
    selection = Selection(field, tuple(sorted(set(ids))))
    if field in {"featureId", "testSuiteId"}:
        group = _group(scenario, field, ids[0])
        return Order(selection, group.title, tuple(map(Attempt, group.tests)), group.how or scenario.how)
    found = _startable(scenario, jobs)
    if unknown := [each for each in ids if each not in found]:
        raise refused(404 if field == "testId" else 400, f"Test not found: {unknown[0]}")
    attempts = tuple(found[each] for each in dict.fromkeys(ids))
    if field == "testId":
        return Order(selection, attempts[0].test.title, attempts, scenario.how)
    return Order(selection, "Custom run", attempts, scenario.again)


def selector_of(scenario: Scenario, wanted: str) -> str:
    """The field of a start that selects an id."""
    if wanted in scenario.features:
        return "featureId"
    return "testSuiteId" if wanted in scenario.suites else "testId"


def existing(jobs: Iterable[SimulatedJob], selection: Selection, already: Already, now: float) -> SimulatedJob | None:
    """The job that blocks the selection from being started."""
    for job in jobs:
        same = job.order.selection == selection or set(selection.ids) <= set(job.covers)
        if same and (job.active(now) if already.while_running else job.queued(now)):
            return job
    return None


def exists_reply(already: Already, job: SimulatedJob) -> RawReply:
    """The reply that the job already exists."""
    success = already.field == "scheduleStatus" and already.status != HTTPStatus.CONFLICT
    data = {"success": success, already.field: already.text}
    return json_reply({**data, "jobId": job.id} if already.with_job else data, already.status)


def _ids(field: str, value: object) -> tuple[str, ...]:
    """The ids in a selecting field."""
    if field == "tests":
        ids = id_list(value, field)
        if not ids:
            raise refused(400, "tests must not be empty")
        return ids
    if not isinstance(value, str):
        raise refused(400, f"{field} must be an id")
    return (value,)


def _group(scenario: Scenario, field: str, group_id: str) -> Group:
    """The feature or suite with an id."""
    groups, name = (scenario.features, "Feature") if field == "featureId" else (scenario.suites, "Test suite")
    if group_id not in groups:
        raise refused(404, f"{name} not found")
    return groups[group_id]


def _startable(scenario: Scenario, jobs: Iterable[SimulatedJob]) -> dict[str, Attempt]:
    """The tests that can be started: by their own ids and, unless the scenario refuses it, by those of results."""
    found = {each: Attempt(test) for each, test in project_tests(scenario).items()}
    if scenario.results == "refused":
        return found
    for job in jobs:
        for position, attempt in enumerate(job.order.attempts):
            again = Attempt(attempt.original, attempt.number + 1, scenario.results == "retitled")
            found[job.result_id(position)] = again
    return found

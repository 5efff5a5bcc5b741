"""What the body of a start selects, and what becomes of a selection that is queued already."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from testgate.demo.exchange import RawReply, Refusal, json_reply
from testgate.demo.testifly.jobs import Choice, Play, Selection, SimulatedJob, id_of
from testgate.demo.testifly.scenarios import Already, Group, Scenario, Test

_FIELDS = ("featureId", "testSuiteId", "testId", "tests")
_OTHER_FIELDS = ("action", "agentName")


def refused(status: int, message: str) -> RawReply:
    """The answer for what is not done."""
    return json_reply({"success": False, "message": message}, status)


def json_object(body: object) -> dict[str, Any]:
    """A body that is a JSON object.

    Raises:
        Refusal: it is not.

    """
    if not isinstance(body, dict):
        raise Refusal(refused(400, "The request body must be a JSON object"))
    return body


def texts(value: object, name: str) -> tuple[str, ...]:
    """A list of ids.

    Raises:
        Refusal: it is none.

    """
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise Refusal(refused(400, f"{name} must be a list of ids"))
    return tuple(value)


def project_tests(scenario: Scenario) -> dict[str, Test]:
    """All tests of the project, by id."""
    groups = (*scenario.features.values(), *scenario.suites.values())
    return {id_of(test): test for group in groups for test in group.tests}


def asked(scenario: Scenario, body: Mapping[str, Any], jobs: Iterable[SimulatedJob]) -> Choice:
    """What a start asks for; `jobs` are those whose results can be started again.

    Raises:
        Refusal: it is not one selection of what there is.

    """
    given = [name for name in _FIELDS if name in body]
    if body.get("action") != "executeTests":
        raise Refusal(refused(400, "Unknown action"))
    if strange := sorted(body.keys() - {*_FIELDS, *_OTHER_FIELDS}):
        raise Refusal(refused(400, f"Unknown field {strange[0]}"))
    if len(given) != 1:
        raise Refusal(refused(400, f"Exactly one of {', '.join(_FIELDS)} is required"))
    if not isinstance(body.get("agentName", ""), str):
        raise Refusal(refused(400, "agentName must be a string"))
    field = given[0]
    return chosen(scenario, field, _ids(field, body[field]), jobs)


def chosen(scenario: Scenario, field: str, ids: tuple[str, ...], jobs: Iterable[SimulatedJob] = ()) -> Choice:
    """The tests that these ids stand for.

    Raises:
        Refusal: one of them stands for none.

    """
    selection = Selection(field, tuple(sorted(set(ids))))
    if field in {"featureId", "testSuiteId"}:
        group = _group(scenario, field, ids[0])
        return Choice(selection, group.title, tuple(Play(test) for test in group.tests), group.how or scenario.how)
    found = _startable(scenario, jobs)
    if unknown := [each for each in ids if each not in found]:
        raise Refusal(refused(404 if field == "testId" else 400, f"Test not found: {unknown[0]}"))
    plays = tuple(found[each] for each in dict.fromkeys(ids))
    if field == "testId":
        return Choice(selection, plays[0].test.title, plays, scenario.how)
    return Choice(selection, "Custom run", plays, scenario.again)


def field_of(scenario: Scenario, wanted: str) -> str:
    """The field of a start that selects this id."""
    if wanted in scenario.features:
        return "featureId"
    return "testSuiteId" if wanted in scenario.suites else "testId"


def existing(jobs: Iterable[SimulatedJob], selection: Selection, already: Already, now: float) -> SimulatedJob | None:
    """The job in whose place this selection would be started again."""
    for job in jobs:
        same = job.choice.selection == selection or set(selection.ids) <= set(job.covers)
        if same and (job.active(now) if already.while_running else job.queued(now)):
            return job
    return None


def exists_reply(already: Already, job: SimulatedJob) -> RawReply:
    """The answer that the job exists already."""
    fine = already.field == "scheduleStatus" and already.status != HTTPStatus.CONFLICT
    data = {"success": fine, already.field: already.text}
    return json_reply({**data, "jobId": job.id} if already.with_job else data, already.status)


def _ids(field: str, value: object) -> tuple[str, ...]:
    """The ids in the field that selects."""
    if field == "tests":
        ids = texts(value, field)
        if not ids:
            raise Refusal(refused(400, "tests must not be empty"))
        return ids
    if not isinstance(value, str):
        raise Refusal(refused(400, f"{field} must be an id"))
    return (value,)


def _group(scenario: Scenario, field: str, group_id: str) -> Group:
    """The feature or suite with this id."""
    groups, name = (scenario.features, "Feature") if field == "featureId" else (scenario.suites, "Test suite")
    if group_id not in groups:
        raise Refusal(refused(404, f"{name} not found"))
    return groups[group_id]


def _startable(scenario: Scenario, jobs: Iterable[SimulatedJob]) -> dict[str, Play]:
    """The tests of the project by their ids and, where these are not refused, by those of their results."""
    found = {each: Play(test) for each, test in project_tests(scenario).items()}
    if scenario.results == "refused":
        return found
    for job in jobs:
        for position, play in enumerate(job.choice.plays):
            again = Play(play.whole, play.attempt + 1, scenario.results == "retitled")
            found[job.result_id(position)] = again
    return found

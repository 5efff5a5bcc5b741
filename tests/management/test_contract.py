"""What every test management system guarantees. The tests run over the registry, as those of the providers do."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given

from testgate.errors import PlatformError, Unavailable
from testgate.inputs.reading import Inputs, declared
from testgate.management import MANAGEMENT
from testgate.ports import Record, TestManagement, TestRun
from testgate.wire import Call, Reply
from tests.support.replies import inputs, objects, reply

KEY = "contract-key-0123456789"
FIELDS = ("id", "human_id", "title", "name", "data", "test_run", "test_run_cases", "test_case", "page_info", "next")

any_system = pytest.mark.parametrize("name", [*MANAGEMENT])


def fewest(name: str) -> Inputs:
    """Return the inputs that the system requires."""
    entry = MANAGEMENT[name]()
    own = {each.name: each for each in declared([entry.options])}
    return inputs({each: KEY if own[each].secret else own[each].example for each in entry.required}, entry.options)


def system(name: str) -> TestManagement:
    """Build the adapter of a system."""
    return MANAGEMENT[name]().build(fewest(name))


def calls(one: TestManagement) -> Iterator[Call[Any]]:
    """Yield every call of a system, the one that creates a test run first."""
    wild = TestRun("../a b?c#d")
    yield one.create("Nightly", 1_700_000_000.0, "https://ci.example/builds/7")
    yield from (one.cases(wild, None), one.cases(wild, "next"), one.statuses())
    yield from (one.record(wild, [Record("c1", "s1", "failed")]), one.close(wild))


@any_system
def test_only_the_creation_is_not_repeatable(name: str) -> None:
    """Sending anything else again does no harm."""
    assert [call.repeatable for call in calls(system(name))] == [False, True, True, True, True, True]


@any_system
def test_requests_hide_the_key_and_encode_ids(name: str) -> None:
    """The key appears in no `repr`, and an ID never adds a path or query of its own."""
    for call in calls(system(name)):
        assert call.request.credential is not None
        assert KEY in call.request.credential.value
        assert KEY not in repr(call.request)
        assert not any(part in call.request.url for part in ("/../", " ", "?", "#"))


@any_system
def test_the_entry_names_existing_inputs(name: str) -> None:
    """The system declares its switch and the inputs that it requires."""
    entry = MANAGEMENT[name]()
    own = {each.name for each in declared([entry.options])}
    assert {entry.switch, *entry.required} <= own
    assert (entry.closes(fewest(name)), entry.mapping(fewest(name))) == (True, {})


@any_system
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 422, 429, 500, 503])
def test_an_error_status_is_never_read_as_an_answer(name: str, status: int) -> None:
    """Whatever the body says, an error status raises."""
    for call in calls(system(name)):
        for body in (b"", b"<html>no</html>", b'{"data": {"test_run": {"id": "1"}, "test_run_cases": []}}'):
            with pytest.raises(PlatformError):
                call.read(Reply(status, {}, body, call.request))


@any_system
def test_a_sign_in_page_is_no_success(name: str) -> None:
    """A page that answers 200 in place of the system raises for every call."""
    for call in calls(system(name)):
        with pytest.raises(PlatformError):
            call.read(Reply(200, {}, b"<html>Sign in</html>", call.request))


@any_system
@given(content=objects(FIELDS))
def test_any_reply_is_read_or_refused(name: str, content: object) -> None:
    """A reader returns a value or raises a platform error, and never anything else."""
    for call in calls(system(name)):
        for data in (content, {"data": content}):
            with contextlib.suppress(PlatformError):
                call.read(reply(data, request=call.request))


def test_the_rate_limit_of_testsigma_proves_that_nothing_happened() -> None:
    """Testsigma answers 500 with a known text; that counts as 429, after which every call may be sent again."""
    for call in calls(system("testsigma")):
        with pytest.raises(Unavailable) as caught:
            call.read(Reply(500, {}, json.dumps({"message": "Rate limit exceeded"}).encode(), call.request))
        assert (caught.value.refused, caught.value.retry_after_seconds) == (True, 1.0)

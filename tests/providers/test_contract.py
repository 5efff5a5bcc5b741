"""What every provider must keep, over the registry: a new vendor is held to it by its line there."""

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import BadAnswer, Busy, GateError, PlatformError, Refused
from testgate.inputs.lookup import Lookup
from testgate.inputs.reading import read
from testgate.model import Origin, Outcome, Run, TestResult
from testgate.ports import Provider
from testgate.providers import PROVIDERS
from testgate.wire import Call, Reply

KEY = "contract-key-0123456789"
BASE = "https://platform.example/api/v1"
MINIMAL: Mapping[str, Mapping[str, str]] = {
    "testsigma": {"test-plan-id": "274, 275", "environment-id": "12"},
    "testifly": {"project-id": "p1", "feature-id": "f1, f2"},
}

any_provider = pytest.mark.parametrize("name", [*PROVIDERS])


def provider(name: str) -> Provider:
    """A provider with the fewest inputs."""
    entry = PROVIDERS[name]()
    environ = {f"INPUT_{key.upper()}": value for key, value in MINIMAL[name].items()}
    inputs = read(Lookup(environ, read_file=lambda _path: ""), [entry.options])
    return entry.build(BASE, KEY, inputs, ["r1", "r2"])


def a_run(one: Provider) -> Run:
    """A run of the first target."""
    return Run("337", one.targets()[0], ref="274")


def calls(one: Provider) -> Iterator[Call[Any]]:
    """Everything that the provider can say."""
    run = a_run(one)
    test = TestResult("9", "Login", Outcome.FAILED)
    yield one.trigger(run.target, "mark")
    yield one.poll([run])
    yield from (call for _name, call in one.checks())
    found = [one.results(run, None), one.live(run), one.find(run.target, "mark"), one.stop(run), one.stop_all()]
    yield from (call for call in [*found, one.diagnose(run, test)] if call is not None)
    yield one.trigger(one.rerun(run, [test]), "mark")


@any_provider
def test_targets_are_told_apart(name: str) -> None:
    """Each has its own key and a name for people."""
    targets = provider(name).targets()
    assert len({target.key for target in targets}) == len(targets) == 2
    assert all(target.name for target in targets)


@any_provider
def test_named_runs_are_not_ours(name: str) -> None:
    """What the user names is attached: it is not stopped by default."""
    runs = provider(name).attached()
    assert [(run.id, run.origin) for run in runs] == [("r1", Origin.ATTACHED), ("r2", Origin.ATTACHED)]


@any_provider
def test_only_what_acts_is_not_repeatable(name: str) -> None:
    """The trigger is sent once; what only reads may be sent again."""
    one = provider(name)
    run = a_run(one)
    assert not one.trigger(run.target, "mark").repeatable
    reads = [one.poll([run]), one.results(run, None), one.find(run.target, "m"), *(call for _n, call in one.checks())]
    assert all(call.repeatable for call in reads if call is not None)
    assert all(not call.repeatable for call in (one.stop(run), one.stop_all()) if call is not None)


@any_provider
def test_requests_go_to_the_users_address_with_the_key_hidden(name: str) -> None:
    """The key is in no URL, body or `repr`; every call has a name for people."""
    for call in calls(provider(name)):
        assert call.request.url.startswith("https://platform.example/")
        assert call.request.credential is not None
        assert KEY in call.request.credential.value
        assert KEY not in repr(call.request)
        assert call.what


@any_provider
def test_ids_are_quoted_in_addresses(name: str) -> None:
    """An id is never a path of its own."""
    one = provider(name)
    wild = a_run(one)._replace(id="../a b?c#d", ref="../x y")
    for call in (one.poll([wild]), one.results(wild, None), one.stop(wild)):
        if call is not None:
            assert not any(part in call.request.url for part in ("/../", " ", "?", "#"))


@any_provider
def test_a_selection_is_needed_and_described(name: str) -> None:
    """The inputs that select are inputs of the provider, and each required one exists."""
    entry = PROVIDERS[name]()
    fields = {field.replace("_", "-") for field in entry.options.model_fields}
    assert entry.selects
    assert set(entry.selects) <= fields
    assert set(entry.required) <= fields | {"base-url"}


@any_provider
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 502, 503, 504])
def test_no_error_is_read_as_an_answer(name: str, status: int) -> None:
    """Whatever a server says under an error's status, it is an error here."""
    for call in calls(provider(name)):
        for body in (b"", b"no", b"<html>no</html>", b'{"error": "no"}'):
            with pytest.raises(PlatformError):
                call.read(Reply(status, {}, body, call.request))


@any_provider
@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b'{"id": ', b"[]", b"null", b"7", b'"text"'])
def test_a_success_without_its_shape_is_a_bad_answer(name: str, body: bytes) -> None:
    """A sign-in page or half an answer starts nothing and ends nothing."""
    one = provider(name)
    run = a_run(one)
    for call in (one.trigger(run.target, "mark"), one.poll([run]), one.results(run, None)):
        if call is not None and not (body == b"[]" and call.what.startswith("read messages")):
            with pytest.raises(BadAnswer):
                call.read(Reply(200, {}, body, call.request))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    [
        *("id", "status", "result", "totalCount", "failedCount", "testCases", "content", "data", "childResult"),
        *("jobs", "jobId", "testRunId", "missingJobIds", "success", "scheduleStatus", "error", "message"),
        *("tests", "statuses", "label", "count", "_id", "title", "duration", "timeline", "videoLink", "hasVideo"),
    ]
)
answers = json_values | st.dictionaries(
    names, json_values | st.just(337) | st.lists(st.dictionaries(names, json_values), max_size=4), max_size=6
)


@any_provider
@given(data=answers, status=st.sampled_from([200, 201, 409, 500]))
def test_any_answer_is_read_or_refused(name: str, data: object, status: int) -> None:
    """Values of ours, or one of our errors: never another exception."""
    for call in calls(provider(name)):
        with contextlib.suppress(BadAnswer, Refused, Busy, PlatformError):
            call.read(Reply(status, {}, json.dumps(data).encode(), call.request))


@any_provider
def test_a_rerun_is_a_target_that_can_be_started(name: str) -> None:
    """It goes through the trigger like any other, and keeps what it is called."""
    one = provider(name)
    run = a_run(one)
    again = one.rerun(run, [TestResult("9", "Login", Outcome.FAILED)])
    assert again.name == run.target.name
    body = one.trigger(again, "mark").request.body
    assert body is not None
    assert "9" in json.dumps(body)


def test_nothing_but_the_adapters_names_the_second_vendor() -> None:
    """The proof of the house: the core knows no vendor."""
    source = Path(__file__).parents[2] / "src" / "testgate"
    naming = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "testifly" in path.read_text(encoding="utf-8").lower()
    ]
    assert all(path.split("/")[0] in {"providers", "demo"} for path in naming), naming
    assert "providers/testifly/provider.py" in naming


@any_provider
def test_errors_name_no_key(name: str) -> None:
    """What an adapter raises can be shown."""
    for call in calls(provider(name)):
        try:
            call.read(Reply(400, {}, b'{"error": "bad"}', call.request))
        except GateError as error:
            assert KEY not in str(error) + error.remedy  # noqa: PT017  # each of several calls raises

"""What every provider guarantees. The tests run over the registry, so they cover a new vendor without a change."""

import contextlib
import functools
import json
import subprocess
import sys
import tomllib
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testgate.errors import BadAnswer, GateError, InputError, PlatformError
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Input, Inputs, declared
from testgate.model import Origin, Outcome, Run, TestResult
from testgate.ports import Provider
from testgate.providers import CODED, PROVIDERS, VENDORS, ProviderEntry
from testgate.providers.described.provider import Described
from testgate.wire import TOKEN, Call, Reply
from tests.support.replies import changed_fixtures, inputs, objects, reply

SOURCE = Path(__file__).parents[2] / "src"
KEY = "contract-key-0123456789"
BASE = "https://platform.example/api/v1"
DEFAULT = CommonOptions().provider

# Names that the documented samples lack. Those in the fixtures of a vendor are used without being listed here.
FIELDS = (
    *("id", "status", "result", "totalCount", "testCases", "content", "data", "childResult", "error", "message"),
    *("jobs", "jobId", "testRunId", "success", "scheduleStatus", "tests", "statuses", "label", "count", "_id"),
    *("title", "duration", "timeline", "videoLink", "hasVideo"),
)

# What files remember with a run besides its ID.
KEPT = {
    name
    for data in (tomllib.loads(path.read_text(encoding="utf-8")) for path in VENDORS.glob("*.toml"))
    for section in ("trigger", "queue", "poll")
    for name in data.get(section, {}).get("keep", ())
}

any_provider = pytest.mark.parametrize("name", [*PROVIDERS])


def fewest(name: str) -> Mapping[str, str]:
    """Return the fewest inputs for a run: those required, and two items for the first that selects."""
    entry = PROVIDERS[name]()
    found = own(entry)
    examples = {each.name: each.example for each in found}
    first = entry.selects[0]
    needed = {*entry.required, *(each.name for each in found if each.required)}
    required = {each: examples[each] for each in examples if each in needed}
    return {**required, first: f"{examples[first].partition(',')[0]}, {examples[first].partition(',')[0]}1"}


def own(entry: ProviderEntry) -> Sequence[Input]:
    """Return the inputs that only this provider has; those of a described one are values."""
    return entry.values if entry.described else declared([entry.options])


def given_as(entry: ProviderEntry, texts: Mapping[str, str]) -> Inputs:
    """Return inputs as a step reads them."""
    if not entry.described:
        return inputs(dict(texts), entry.options)
    secret = {each.name for each in entry.values if each.secret}
    maps = {each.name for each in entry.values if "=" in each.example}
    lines: dict[str, list[str]] = {"values": [], "secret-values": []}
    for key, text in texts.items():
        line = f"{key}.{text}" if key in maps else f"{key}={text}"
        lines["secret-values" if key in secret else "values"].append(line)
    given = {key: "\n".join(found) for key, found in lines.items() if found}
    environ = {f"INPUT_{key.upper()}": text for key, text in given.items()}
    if problems := entry.problems(Lookup(environ, read_file=str), True):
        raise InputError(problems)
    return inputs(given, CommonOptions, entry.options)


def provider(name: str, more: Mapping[str, str] | None = None) -> Provider:
    """Build a provider from the fewest inputs, and more if given."""
    entry = PROVIDERS[name]()
    return entry.build(BASE, KEY, given_as(entry, {**fewest(name), **(more or {})}), ["r1", "r2"])


def variants(name: str) -> Iterator[Provider]:
    """Build the provider from the fewest inputs, and with each other input whose example can stand alone."""
    yield provider(name)
    for each in own(PROVIDERS[name]()):
        with contextlib.suppress(InputError):
            yield provider(name, {each.name: each.example})


def a_run(one: Provider) -> Run:
    """Return a run of the first target, with what is remembered of it."""
    return Run("337", one.targets()[0], ref=remembered(one, "274"))


def remembered(one: Provider, text: str) -> str:
    """Return what a provider remembers with a run, if the platform gave it this text."""
    return json.dumps(dict.fromkeys(("mark", *KEPT), text)) if isinstance(one, Described) else text


def calls_of(one: Provider) -> Iterator[Call[Any]]:
    """Yield every call of a provider."""
    run = a_run(one)
    test = TestResult("9", "Login", Outcome.FAILED)
    yield one.trigger(run.target, "mark")
    yield one.poll([run])
    yield from (call for _name, call in one.checks())
    found = [one.results(run, None), one.live(run), one.find(run.target, "mark"), one.stop(run), one.stop_all()]
    yield from (call for call in [*found, one.diagnose(run, test)] if call is not None)
    with contextlib.suppress(PlatformError):
        yield one.trigger(one.rerun(run, [test]), "mark")


def basic_of(value: str) -> bool:
    """Whether a header holds the key as a user's password, or as the user."""
    kind, _space, coded = value.partition(" ")
    return kind == "Basic" and KEY in b64decode(coded).decode()


@functools.cache
def calls(name: str) -> Sequence[Call[Any]]:
    """Return every call of every variant, without repetitions."""
    found = (call for one in variants(name) for call in calls_of(one))
    return [*{repr((call.what, call.request, call.essential)): call for call in found}.values()]


@any_provider
def test_targets_differ(name: str) -> None:
    """Each target has its own key, and a name for people. A file can make one target of all that is given."""
    targets = provider(name).targets()
    each = (
        name in CODED or "\neach = " in (VENDORS / f"{name}.toml").read_text(encoding="utf-8").partition("[trigger]")[0]
    )
    assert len({target.key for target in targets}) == len(targets) == (2 if each else 1)
    assert all(target.name for target in targets)


@any_provider
def test_runs_that_the_user_named_are_attached(name: str) -> None:
    """They aren't ours, so they aren't stopped by default."""
    runs = provider(name).attached()
    assert [(run.id, run.origin) for run in runs] == [("r1", Origin.ATTACHED), ("r2", Origin.ATTACHED)]
    assert all(run.target.name for run in runs)


@any_provider
def test_only_reads_are_repeatable(name: str) -> None:
    """A trigger or a stop is sent once."""
    one = provider(name)
    run = a_run(one)
    assert not one.trigger(run.target, "mark").repeatable
    reads = [one.poll([run]), one.results(run, None), one.find(run.target, "m"), *(call for _n, call in one.checks())]
    assert all(call.repeatable for call in reads if call is not None)
    assert all(not call.repeatable for call in (one.stop(run), one.stop_all()) if call is not None)


@any_provider
def test_requests_go_to_the_base_url_with_a_hidden_key(name: str) -> None:
    """The key appears in no URL, body or `repr`, and every call has a name for people."""
    for call in calls(name):
        assert call.request.url.startswith("https://platform.example/")
        assert call.request.credential is not None
        assert any(
            KEY in each.value or TOKEN in each.value or basic_of(each.value) for each in call.request.credentials
        )
        assert KEY not in repr(call.request)
        assert call.what


@any_provider
def test_ids_are_encoded_in_urls(name: str) -> None:
    """An ID never adds a path or query of its own."""
    one = provider(name)
    wild = a_run(one)._replace(id="../a b?c#d", ref=remembered(one, "../x y"))
    for call in (one.poll([wild]), one.results(wild, None), one.stop(wild)):
        if call is not None:
            assert not any(part in call.request.url for part in ("/../", " ", "?", "#"))


@any_provider
def test_the_entry_names_existing_inputs(name: str) -> None:
    """The provider declares the inputs that its entry selects or requires."""
    entry = PROVIDERS[name]()
    names = {each.name for each in own(entry)}
    assert entry.selects
    assert set(entry.selects) <= names
    assert set(entry.required) <= names | {"base-url"}


@functools.cache
def meant(name: str) -> frozenset[int]:
    """The error statuses that mean something else where the state and the tests are read."""
    if name in CODED:
        return frozenset()
    data = tomllib.loads((VENDORS / f"{name}.toml").read_text(encoding="utf-8"))
    rules = [rule for section in ("poll", "results") for rule in data[section].get("when", ())]
    return frozenset({*data["poll"].get("accepts", ()), *(status for rule in rules for status in rule.get("http", ()))})


@any_provider
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 502, 503, 504])
def test_an_error_status_is_never_read_as_an_answer(name: str, status: int) -> None:
    """Whatever the body says, an error status raises, unless the file says what it means."""
    for call in calls(name):
        if status in meant(name) and call.what.startswith(("read run", "read the tests")):
            continue
        for body in (b"", b"no", b"<html>no</html>", b'{"error": "no"}'):
            with pytest.raises(PlatformError):
                call.read(Reply(status, {}, body, call.request))


@any_provider
@pytest.mark.parametrize("body", [b"", b"<html>Sign in</html>", b'{"id": ', b"[]", b"null", b"7", b'"text"'])
def test_a_success_with_the_wrong_content_is_a_bad_answer(name: str, body: bytes) -> None:
    """A sign-in page or half an answer starts nothing and ends nothing."""
    one = provider(name)
    run = a_run(one)
    empty = body == b"[]" and lists_nothing_but_tests(name)
    results = None if empty else one.results(run, None)
    found: list[Call[Any] | None] = [one.trigger(run.target, "mark"), one.poll([run]), results]
    for call in filter(None, found):
        with pytest.raises(BadAnswer):
            call.read(Reply(200, {}, body, call.request))


def lists_nothing_but_tests(name: str) -> bool:
    """Whether the answer with the tests is a list itself, so that an empty one says that there are none."""
    return name not in CODED and '\nrows = "@"' in (VENDORS / f"{name}.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CODED)
@given(data=st.data(), status=st.sampled_from([200, 201, 409, 500]))
def test_any_reply_is_read_or_refused(name: str, data: st.DataObject, status: int) -> None:
    """A reader returns a value or raises a platform error, and never anything else."""
    read_anything(name, data, status)


@pytest.mark.parametrize("name", [name for name in PROVIDERS if name not in CODED])
@settings(max_examples=25)  # the readers are the same for all of them
@given(data=st.data(), status=st.sampled_from([200, 201, 409, 500]))
def test_any_reply_is_read_or_refused_with_a_file(name: str, data: st.DataObject, status: int) -> None:
    """The same for every platform that is described by a file."""
    read_anything(name, data, status)


def read_anything(name: str, data: st.DataObject, status: int) -> None:
    """Read a made-up reply to every call."""
    content = data.draw(objects(FIELDS) | changed_fixtures(name))
    for call in calls(name):
        with contextlib.suppress(PlatformError):
            call.read(reply(content, status, call.request))


def reruns(name: str) -> bool:
    """Whether the provider can rerun failed tests; a file says so."""
    return name in CODED or "\n[rerun]" in (VENDORS / f"{name}.toml").read_text(encoding="utf-8")


@any_provider
def test_a_rerun_is_a_target_with_the_same_name(name: str) -> None:
    """Its trigger asks for the failed test, or for the run's failed tests; or the provider says that it cannot."""
    one = provider(name)
    run = a_run(one)
    failed = [TestResult("9", "Login", Outcome.FAILED, case_id="9")]
    if not reruns(name):
        with pytest.raises(PlatformError, match="cannot rerun"):
            one.rerun(run, failed)
        return
    again = one.rerun(run, failed)
    assert again.name == run.target.name
    request = one.trigger(again, "mark").request
    assert "9" in json.dumps(request.body) or run.id in request.url


@any_provider
def test_errors_do_not_reveal_the_key(name: str) -> None:
    """Messages and remedies are safe to show."""
    for call in calls(name):
        with pytest.raises(GateError) as caught:
            call.read(reply({"error": "bad"}, 400, call.request))
        assert KEY not in str(caught.value) + caught.value.remedy


@pytest.mark.parametrize("name", [name for name in CODED if name != DEFAULT])
def test_only_adapters_know_a_vendor(name: str) -> None:
    """The core names no vendor but the default one."""
    package = SOURCE / "testgate"
    sources = {path.relative_to(package): path.read_text(encoding="utf-8") for path in package.rglob("*.py")}
    rooms = {path.parts[0] for path, text in sources.items() if name in text.lower()}
    assert "providers" in rooms
    assert rooms <= {"providers", "demo"}


@any_provider
def test_choosing_a_vendor_imports_no_other(name: str) -> None:
    """Only the chosen vendor costs start-up time."""
    script = f"import sys; from testgate.providers import PROVIDERS; PROVIDERS[{name!r}](); print(*sys.modules)"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, text=True, check=True)  # noqa: S603  # our own interpreter
    names = {*CODED, "described"}
    loaded = {each for each in names if f"testgate.providers.{each}" in done.stdout.split()}
    assert loaded == {name if name in CODED else "described"}

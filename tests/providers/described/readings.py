"""Reads single answers with a file that ships with TestGate, for the quirks of its platform."""

from collections.abc import Mapping
from typing import Any

from testgate.model import Page, Run, Snapshot, TestResult
from testgate.ports import Provider
from testgate.providers import VENDORS
from testgate.providers.described.asking import Asker
from testgate.providers.described.given import read
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.wire import Reply
from tests.support.replies import reply


def vendor(
    name: str,
    values: Mapping[str, str],
    secret: Mapping[str, str] | None = None,
    base_url: str = "https://platform.example",
) -> Provider:
    """Build the provider of a file."""
    path = VENDORS / f"{name}.toml"
    document = load(path.read_text(encoding="utf-8"), path.name, bundled=True)
    given, problems = read(document, values, secret or {})
    assert problems == []
    return Described(Asker(document, base_url, "key-0123456789", given))


def run_of(provider: Provider, run_id: str = "r1", ref: str = "") -> Run:
    """A run of the first target."""
    return Run(run_id, provider.targets()[0], ref=ref)


def started(provider: Provider, data: Any, status: int = 200) -> Run:  # noqa: ANN401  # any JSON
    """Read an answer to the trigger."""
    call = provider.trigger(provider.targets()[0], "mark-1")
    return call.read(reply(data, status, call.request))


def state(provider: Provider, data: Any, status: int = 200, run: Run | None = None) -> Snapshot:  # noqa: ANN401  # any JSON
    """Read an answer to the poll."""
    call = provider.poll([run or run_of(provider)])
    (found,) = call.read(reply(data, status, call.request))
    return found


def page(provider: Provider, data: Any, status: int = 200, run: Run | None = None) -> Page:  # noqa: ANN401  # any JSON
    """Read a page of tests."""
    call = provider.results(run or run_of(provider), None)
    assert call is not None
    answered = Reply(status, {}, data, call.request) if isinstance(data, bytes) else reply(data, status, call.request)
    return call.read(answered)


def listed(provider: Provider, data: Any, run: Run | None = None) -> list[TestResult]:  # noqa: ANN401  # any JSON
    """The tests of a page."""
    return [*page(provider, data, run=run).tests]

"""What a described provider reads from single answers, for tests about the quirks of a vendor."""

import json
from collections.abc import Mapping
from typing import Any

from testgate.model import Page, Run, Snapshot
from testgate.wire import Call, Reply
from tests.providers.described.scenes import Vendor
from tests.providers.described.test_vendors import provider_of


def reply_to(call: Call[Any], data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer to a call: JSON, or a text as it is."""
    body = data if isinstance(data, str) else json.dumps(data)
    return Reply(status, headers or {}, body.encode(), call.request)


def run_of(vendor: Vendor, run_id: str, **kept: str) -> Run:
    """A run of the first target, with what was kept of earlier answers."""
    return Run(run_id, provider_of(vendor).targets()[0], ref=json.dumps(kept) if kept else "")


def started_by(vendor: Vendor, data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Run:
    """The run in the answer to a trigger."""
    provider = provider_of(vendor)
    call = provider.trigger(provider.targets()[0], "mark-1")
    return call.read(reply_to(call, data, status, headers))


def state_in(vendor: Vendor, run: Run, data: object, status: int = 200) -> Snapshot:
    """The state in the answer to a poll."""
    call = provider_of(vendor).poll([run])
    (found,) = call.read(reply_to(call, data, status))
    return found


def page_in(vendor: Vendor, run: Run, data: object, status: int = 200, cursor: str | None = None) -> Page:
    """The page in the answer to a request for tests."""
    call = provider_of(vendor).results(run, cursor)
    assert call is not None
    return call.read(reply_to(call, data, status))

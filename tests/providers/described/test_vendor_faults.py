"""Every file that ships with TestGate, on answers that a platform in trouble gives, or a proxy in front of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from testgate.model import Conclusion
from testgate.wire import Reply, Request
from tests.providers.described.scenes import Scene, Vendor
from tests.providers.described.test_vendors import any_vendor, played
from tests.support.simulated import Answer, answer, page

Fault = Callable[[Request], Answer]

FAULTS: dict[str, Fault] = {
    "an empty object": lambda request: answer(request, {}),
    "an empty list": lambda request: answer(request, []),
    "a success without content": lambda request: Reply(204, {}, b"", request),
    "words of success": lambda request: answer(request, {"status": "ok", "success": True, "result": "passed"}),
    "a sign-in page": lambda request: page(request, 200, "<html><form>Sign in</form></html>"),
    "not found": lambda request: answer(request, {"error": "not found"}, 404),
    "forbidden": lambda request: answer(request, {"message": "forbidden"}, 403),
}


@any_vendor
@pytest.mark.parametrize("fault", FAULTS.values(), ids=[*FAULTS])
def test_nothing_but_its_own_answers_makes_a_run_green(vendor: Vendor, fault: Fault, tmp_path: Path) -> None:
    """The run is started, and then something answers every question in the platform's place."""

    def wrap(request: Request, given: Answer) -> Answer:
        return given if vendor.triggers(request) else fault(request)

    found = played(vendor, Scene("passed"), tmp_path, timeout=300.0, wrap=wrap)
    assert found.conclusion is not Conclusion.PASSED
    assert len(found.scene.started) == 1


@any_vendor
@pytest.mark.parametrize("fault", FAULTS.values(), ids=[*FAULTS])
def test_a_list_of_tests_that_cannot_be_read_is_not_green(vendor: Vendor, fault: Fault, tmp_path: Path) -> None:
    """The run passed, and from its last question on, something else answers."""
    asked: list[Request] = []

    def count(request: Request, given: Answer) -> Answer:
        asked.append(request)
        return given

    assert played(vendor, Scene("passed"), tmp_path / "clean", wrap=count).conclusion is Conclusion.PASSED
    left = len(asked) - 1

    def wrap(request: Request, given: Answer) -> Answer:
        nonlocal left
        left -= 1
        return given if left >= 0 else fault(request)

    found = played(vendor, Scene("passed"), tmp_path / "faulty", timeout=300.0, wrap=wrap)
    assert found.conclusion is not Conclusion.PASSED


@any_vendor
def test_an_outage_is_waited_out(vendor: Vendor, tmp_path: Path) -> None:
    """Every second question gets no answer, and the run is started once all the same."""
    seen: list[Request] = []

    def wrap(request: Request, given: Answer) -> Answer:
        if vendor.triggers(request):
            return given
        seen.append(request)
        return page(request, 503) if len(seen) % 2 else given

    found = played(vendor, Scene("passed"), tmp_path, wrap=wrap)
    assert found.conclusion is Conclusion.PASSED, found.run.verdict.reason
    assert found.triggers == 1

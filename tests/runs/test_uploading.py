"""Uploads that break on their way, on a simulated clock."""

import asyncio
import io
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import pytest

from testgate.errors import GateError, Outage, PlatformError, Unanswered
from testgate.model import Conclusion
from testgate.providers.testsigma.options import TestsigmaOptions
from testgate.providers.testsigma.provider import Testsigma
from testgate.runs.engine import Limits
from testgate.runs.halt import Halted
from testgate.runs.uploading import Bringing, megabytes
from testgate.wire import Reply, Request
from tests.support.simulated import Desk, FakeTransport, SimulatedLoop, answer, play

OPTIONS = TestsigmaOptions(uploads={"31": "app.apk"}, upload_project_id=24)
CONTENT = bytes(2_000_000)
ANSWERS: Mapping[str, object] = {
    "POST": {"id": 62, "latestVersionId": 68},
    "GET": [{"id": 68, "uploadId": 62, "fileSize": len(CONTENT), "name": "mark-1"}],
}


class Line:
    """A line to the platform on which the first uploads break after `seconds`, with half of the file sent."""

    def __init__(self, breaks: int, seconds: float, *, begun: bool = True) -> None:
        self.uploads = 0
        self._breaks, self._seconds, self._begun = breaks, seconds, begun

    async def __call__(self, request: Request, _now: float) -> Reply:
        """Answer, or break."""
        if request.file is not None:
            self.uploads += 1
            if self.uploads <= self._breaks:
                await self._broken(request)
            request.file.sent(len(CONTENT))
        return answer(request, ANSWERS[request.method])

    async def _broken(self, request: Request) -> None:
        """Send half of the file, and break."""
        assert request.file is not None
        for _piece in range(10):
            await asyncio.sleep(self._seconds / 10)
            if self._begun:
                request.file.sent(len(CONTENT) // 20)
        raise Unanswered(f"{request.label}: the connection broke", maybe_arrived=False)


def bring(root: Path, line: Line, cancel: float | None = None) -> tuple[object, str]:
    """The versions or the error, and the log."""

    async def main(loop: SimulatedLoop) -> tuple[object, str]:
        desk = Desk(loop, FakeTransport(line, 0.1), Limits(request_timeout=100.0), root)
        if cancel is not None:
            loop.call_later(cancel, desk.halt.request, Conclusion.CANCELLED)
        uploader = Testsigma(None, "k" * 20, OPTIONS).uploader()
        assert uploader is not None
        engine = desk.context(Testsigma(None, "k" * 20, OPTIONS), several=False).engine
        bringing = Bringing(uploader, engine, lambda _path: io.BytesIO(CONTENT), lambda: "mark-1")
        try:
            found: object = await desk.halt.until(bringing.versions())
        except (GateError, Halted) as error:
            found = error
        desk.halt.close()
        await asyncio.sleep(0)
        return found, desk.log

    return play(main)


def test_a_long_upload_that_breaks_is_sent_again(tmp_path: Path) -> None:
    """Although the outage lasted longer than one at the start may: it had got somewhere."""
    line = Line(2, 60.0)
    found, log = bring(tmp_path, line)
    assert found == {"31": "68"}
    assert line.uploads == 3
    assert log.count("trying again") == 2
    assert "uploading app.apk: 0.4 MB of 2.0 MB (20 %)" in log


@pytest.mark.parametrize(("line", "sent"), [(Line(99, 60.0), 3), (Line(99, 60.0, begun=False), 1)])
def test_a_line_that_always_breaks_is_given_up(tmp_path: Path, line: Line, sent: int) -> None:
    """After three attempts; after one if nothing got through."""
    found, _log = bring(tmp_path, line)
    assert isinstance(found, Outage)
    assert line.uploads == sent


def test_the_end_of_the_step_ends_an_upload(tmp_path: Path) -> None:
    """At once, and without another attempt."""
    line = Line(99, 60.0)
    found, log = bring(tmp_path, line, cancel=30.0)
    assert isinstance(found, Halted)
    assert line.uploads == 1
    assert "trying again" not in log


def gone(path: str) -> BinaryIO:
    """Nothing is there."""
    raise FileNotFoundError(2, "No such file or directory", path)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    """It was there when the step began."""

    async def main(loop: SimulatedLoop) -> str:
        desk = Desk(loop, FakeTransport(Line(0, 0.0), 0.1), Limits(), tmp_path)
        uploader = Testsigma(None, "k" * 20, OPTIONS).uploader()
        assert uploader is not None
        engine = desk.context(Testsigma(None, "k" * 20, OPTIONS), several=False).engine
        with pytest.raises(GateError) as caught:
            await Bringing(uploader, engine, gone, lambda: "m").versions()
        desk.halt.close()
        await asyncio.sleep(0)
        return str(caught.value)

    assert play(main) == "app.apk can't be uploaded: No such file or directory"


def test_a_gone_file_is_a_platform_error() -> None:
    """Its exit code is that of a step that could not start its tests."""
    assert GateError.conclusion is PlatformError.conclusion


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1 byte"), (99_999, "99999 bytes"), (100_000, "0.1 MB"), (123_456_789, "123.5 MB")]
)
def test_sizes_for_people(number: int, text: str) -> None:
    """In the unit that stores of apps use."""
    assert megabytes(number) == text

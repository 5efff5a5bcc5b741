"""Requests that carry a file: streamed, counted, and known to be whole or not."""

import asyncio
import io
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest

from testgate.demo.exchange import Recorded
from testgate.demo.multipart import Part, parts_of
from testgate.edges.forms import FormBody
from testgate.edges.transport import RequestsTransport
from testgate.errors import Unanswered
from testgate.wire import Credential, FilePart, Reply, Request
from tests.support.raw_server import Conversation, answers, ok, serving

KEY = "s3cret-key"
LARGE = 64 * 1024 * 1024


class Zeros(io.BytesIO):
    """A file of zeros that takes no room."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._left = size

    def read(self, size: int | None = -1, /) -> bytes:
        """Return zeros until the end."""
        number = self._left if size is None or size < 0 else min(size, self._left)
        self._left -= number
        return bytes(number)


def part(
    content: bytes,
    *,
    size: int | None = None,
    name: str = "app.apk",
    sent: Callable[[int], None] = lambda _number: None,
) -> FilePart:
    """A part with this content, whatever its size is said to be."""
    return FilePart("fileContent", name, len(content) if size is None else size, lambda: io.BytesIO(content), sent)


def upload(url: str, file: FilePart, seconds: float = 60.0) -> Reply:
    """Upload a file."""
    request = Request("POST", url, credential=Credential("x-api-key", KEY), form={"name": "A & B"}, file=file)
    return asyncio.run(RequestsTransport("testgate/1").send(request, seconds))


def received(raw: bytes) -> list[Part]:
    """The parts of a request, read by another reader."""
    head, _, body = raw.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode().split("\r\n")[1:]:
        name, _, value = line.partition(": ")
        headers[name.lower()] = value
    assert int(headers["content-length"]) == len(body)
    assert "transfer-encoding" not in headers
    return parts_of(Recorded("POST", "/", {}, headers, None, body, 0.0))


@pytest.mark.parametrize("name", ["app.apk", 'a"b.apk', "a\r\nX-Evil: 1.apk", "büild 1.apk", "a;b=c.apk"])
def test_a_form_with_a_file_arrives_as_it_is(name: str) -> None:
    """Whatever the file is called, it is one file, and adds no header of its own."""
    content = b"PK\r\n--boundary\r\n" + bytes(range(256)) * 1000
    with serving(answers(ok(b"{}"))) as server:
        assert upload(server.url, part(content, name=name)).status == 200
    text, file = received(server.requests[0])
    assert (text.name, text.filename, text.content) == ("name", None, b"A & B")
    assert (file.name, file.content) == ("fileContent", content)
    assert file.filename
    assert "\n" not in file.filename


def test_a_large_file_is_never_in_memory() -> None:
    """It is read in pieces while it is sent, and each piece is counted."""
    seen: list[int] = []

    def script(talk: Conversation) -> None:
        talk.hear(LARGE)
        talk.say(ok(b"{}"))

    def opened() -> BinaryIO:
        return Zeros(LARGE)

    with serving(script) as server:
        tracemalloc.start()
        try:
            upload(server.url, FilePart("fileContent", "app.apk", LARGE, opened, seen.append))
            _now, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert sum(seen) == LARGE
    assert most < LARGE / 8


def fault(url: str, file: FilePart, seconds: float = 60.0) -> Unanswered:
    """The fault of an upload; it contains no secret."""
    with pytest.raises(Unanswered) as caught:
        upload(url, file, seconds)
    assert KEY not in f"{caught.value.message} {caught.value.remedy}"
    return caught.value


def test_a_form_that_broke_halfway_has_not_arrived() -> None:
    """No server can know the rest of it, so it may be sent again."""

    def script(talk: Conversation) -> None:
        talk.hear(100_000)
        talk.reset()

    with serving(script) as server:
        found = fault(server.url, part(bytes(LARGE)))
    assert not found.maybe_arrived
    assert not found.lasting
    assert re.search(r", after \d+ of \d+ bytes$", found.message)


def test_a_form_that_was_sent_as_a_whole_may_have_arrived() -> None:
    """Only its answer is missing."""

    def script(talk: Conversation) -> None:
        talk.listen()
        talk.reset()

    with serving(script) as server:
        assert fault(server.url, part(b"build")).maybe_arrived


def test_a_server_that_stays_silent_gets_the_usual_time() -> None:
    """However large the file is: more time is only for what is being sent."""

    def script(talk: Conversation) -> None:
        talk.listen()
        talk.pause(300)

    with serving(script) as server:
        found = fault(server.url, part(bytes(3_000_000)), seconds=0.5)
    assert found.maybe_arrived
    assert "no answer in time" in found.message


@pytest.mark.parametrize("size", [4, 6])
def test_a_file_that_changed_is_not_sent(size: int) -> None:
    """What is shorter or longer than announced isn't the build any more, and another attempt wouldn't help."""

    def script(talk: Conversation) -> None:
        talk.hear(10_000)

    with serving(script) as server:
        found = fault(server.url, part(b"build", size=size))
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "app.apk was changed while it was being uploaded" in found.message


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """By its name and the reason."""
    missing = FilePart("fileContent", "app.apk", 5, lambda: (tmp_path / "app.apk").open("rb"))
    with serving(answers(ok(b"{}"))) as server:
        found = fault(server.url, missing)
    assert (found.maybe_arrived, found.lasting) == (False, True)
    assert "app.apk cannot be read (No such file or directory)" in found.message


def test_an_answer_before_the_end_is_read() -> None:
    """A server that refuses a large file doesn't wait for all of it."""

    def script(talk: Conversation) -> None:
        talk.hear(1000)
        talk.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        talk.hear(LARGE)

    with serving(script) as server:
        assert upload(server.url, part(bytes(LARGE))).status == 413


def test_a_body_is_complete_only_with_its_last_piece() -> None:
    """Until then, a server can't have acted on it."""
    file = part(b"x" * 200_000)
    body = FormBody(file, Request("POST", "https://p.example", file=file))
    pieces = iter(body)
    sent = 0
    for piece in pieces:
        sent += len(piece)
        assert body.complete is (sent == len(body))


def test_whoever_stops_waiting_stops_the_upload() -> None:
    """A cancelled step doesn't go on sending."""
    counted: list[int] = []

    def script(talk: Conversation) -> None:
        talk.hear(200_000)
        talk.pause(300)

    async def cancelled(url: str) -> None:
        loop, begun = asyncio.get_running_loop(), asyncio.Event()

        def count(number: int) -> None:
            counted.append(number)
            loop.call_soon_threadsafe(begun.set)

        file = part(bytes(LARGE), sent=count)
        sending = asyncio.ensure_future(RequestsTransport("t/1").send(Request("POST", url, file=file), 60))
        await begun.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

    with serving(script) as server:
        asyncio.run(cancelled(server.url))
    assert sum(counted) < LARGE

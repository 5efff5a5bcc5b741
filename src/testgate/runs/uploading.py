"""Uploads the builds that the user brings along. A run is started only if the version of each is certain.

    (upload) -> [look for it, if its answer is lost] -> wait until the platform is done -> ask for the version

What was uploaded and can't be told for certain is left on the platform, and nothing is started.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from testgate.errors import BadAnswer, GateError, Outage, PlatformError, Refused, Unanswered, Unavailable
from testgate.ports.uploading import Upload, Uploaded, Uploader
from testgate.runs.engine import Engine
from testgate.text import duration, one_line, plural
from testgate.wire import FilePart

PROGRESS_SECONDS = 10.0
MOST_TRIES = 3  # of an upload that broke on its way
LISTED_SECONDS = (0.0, 2.0, 5.0, 8.0, 15.0)  # an upload, or its version, may be listed late
LOOK_SECONDS = 10.0  # for one look that meets an outage
PENDING_SECONDS = (1.0, 2.0, 4.0, 8.0)  # the last one repeats
LONGEST_PENDING_SECONDS = 300.0
_BY_HAND = "Upload the build by hand, and give its version as `upload-versions`."

Open = Callable[[str], BinaryIO]


@dataclass(eq=False)
class _Meter:
    """How many bytes have left; counted in the thread that sends them."""

    sent: int = field(default=0)

    def add(self, number: int) -> None:
        """Count bytes."""
        self.sent += number


def part_of(path: str, opened: Open, sent: Callable[[int], None] = lambda _number: None) -> FilePart:
    """The file at a path of the workspace, as a part of a form.

    Raises:
        OSError: it can't be read, or is empty.

    """
    with opened(path) as file:
        size = file.seek(0, 2)
    if not size:
        raise OSError("it is empty")
    return FilePart("", path.rpartition("/")[2], size, partial(opened, path), sent)


def told(upload: Upload, size: int) -> str:
    """`app.apk (12.3 MB) for device 31`."""
    devices = f"device{'s' if len(upload.devices) > 1 else ''} {', '.join(upload.devices)}"
    return f"{one_line(upload.path)} ({megabytes(size)}) for {devices}"


def megabytes(number: int) -> str:
    """A size for people: `12.3 MB`."""
    return f"{number / 1_000_000:.1f} MB" if number >= 100_000 else f"{plural(number, 'byte')}"  # noqa: PLR2004  # 0.1 MB


class Bringing:
    """Uploads files. `opened` opens one in the workspace, `label` makes labels that nothing else carries."""

    def __init__(self, uploader: Uploader, engine: Engine, opened: Open, label: Callable[[], str]) -> None:
        self._uploader = uploader
        self._engine = engine
        self._opened = opened
        self._label = label

    async def versions(self) -> Mapping[str, str]:
        """Upload every file, one after the other; returns the version of each device.

        Raises:
            GateError: one of them isn't certainly there.
            Halted: the step must end.

        """
        found: dict[str, str] = {}
        for upload in self._uploader.uploads:
            version = await self._version(upload)
            found.update(dict.fromkeys(upload.devices, version))
        return found

    async def _version(self, upload: Upload) -> str:
        """Upload one file."""
        meter, console = _Meter(), self._engine.console
        label = self._label()
        try:
            file = part_of(upload.path, self._opened, meter.add)
        except OSError as error:
            raise GateError(f"{upload.path} can't be uploaded: {error.strerror or error}") from error
        began = asyncio.get_running_loop().time()
        console.event(f"uploading {told(upload, file.size)}")
        uploaded = await self._sent(file, label, meter)
        try:
            uploaded = await self._ready(uploaded)
            version = await self._listed(uploaded, file, label)
        except PlatformError as fault:
            message = f"{file.name} was uploaded as {uploaded.id}, but its version isn't certain: {fault}"
            raise PlatformError(message, remedy=fault.remedy or _BY_HAND) from fault
        took = asyncio.get_running_loop().time() - began
        console.event(f"uploaded {file.name} in {duration(took)}: version {version}")
        return version

    async def _tick(self, file: FilePart, meter: _Meter) -> None:
        """Log how far it is, now and then."""
        of = f"of {megabytes(file.size)}"
        while meter.sent < file.size:
            await asyncio.sleep(PROGRESS_SECONDS)
            share = 100 * meter.sent // file.size
            self._engine.console.event(f"uploading {file.name}: {megabytes(meter.sent)} {of} ({share} %)")

    async def _asked(self, file: FilePart, label: str, meter: _Meter) -> Uploaded:
        """Send it, and log how far it is."""
        ticking = asyncio.ensure_future(self._tick(file, meter))
        try:
            return await self._engine.ask(self._uploader.upload(file, label))
        finally:
            ticking.cancel()

    async def _sent(self, file: FilePart, label: str, meter: _Meter) -> Uploaded:
        """Send it until it is certain what that did.

        Raises:
            PlatformError: it was refused, never sent as a whole, or not found afterwards.

        """
        for attempt in range(1, MOST_TRIES + 1):
            meter.sent = 0
            try:
                return await self._asked(file, label, meter)
            except Outage as outage:
                if attempt == MOST_TRIES or not (meter.sent and isinstance(outage.__cause__, Unanswered)):
                    raise
                self._engine.console.event(f"the upload of {file.name} broke ({outage}); trying again")
            except Refused as refusal:
                if refusal.certain:
                    raise PlatformError(str(refusal), remedy=refusal.remedy or _REFUSED) from refusal
                return await self._found(file, label, refusal)
            except (Unanswered, Unavailable, BadAnswer) as fault:
                if isinstance(fault, Unanswered) and not fault.maybe_arrived:
                    raise
                return await self._found(file, label, fault)
        raise AssertionError("the last attempt returns or raises")

    async def _found(self, file: FilePart, label: str, fault: GateError) -> Uploaded:
        """Look for an upload whose answer was lost: exactly one with our label is ours.

        Raises:
            PlatformError: there is none, or there are several.

        """
        self._engine.console.event(f"the upload of {file.name} got no usable answer ({fault}); looking for it")
        found: list[Uploaded] = []
        for pause in LISTED_SECONDS:
            await self._engine.halt.pause(pause)
            with contextlib.suppress(PlatformError):  # why it was lost matters more than what keeps it from being found
                call = self._uploader.find(file, label)
                found = [*await self._engine.ask(call, patience=LOOK_SECONDS)]
            if found:
                break
        if len(found) == 1:
            return found[0]
        many = f"{len(found)} uploads carry" if found else "no upload was found that carries"
        message = f"the upload of {file.name} got no usable answer, and {many} its label {label}: {fault}"
        raise PlatformError(message, remedy=f"Run the job again: no test was started. {_BY_HAND}")

    async def _ready(self, uploaded: Uploaded) -> Uploaded:
        """Wait until the platform has taken the upload in.

        Raises:
            PlatformError: it couldn't, or takes too long.

        """
        waited, rounds = 0.0, 0
        while uploaded.pending:
            if waited >= LONGEST_PENDING_SECONDS:
                raise PlatformError(f"the platform still calls it {uploaded.pending} after {duration(waited)}")
            pause = PENDING_SECONDS[min(rounds, len(PENDING_SECONDS) - 1)]
            await self._engine.halt.pause(pause)
            waited, rounds = waited + pause, rounds + 1
            uploaded = await self._engine.ask(self._uploader.state(uploaded), seen=True)
        return uploaded

    async def _listed(self, uploaded: Uploaded, file: FilePart, label: str) -> str:
        """The version, once the platform lists it.

        Raises:
            PlatformError: it doesn't, or lists another one.

        """
        for pause in LISTED_SECONDS:
            await self._engine.halt.pause(pause)
            version = await self._engine.ask(self._uploader.version(uploaded, file, label), seen=True)
            if version:
                return version
        raise PlatformError(f"the platform lists no version of upload {uploaded.id}")


_REFUSED = "Check `uploads`, `upload-project-id` and `upload-application-id` against the platform."

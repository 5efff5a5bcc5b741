"""Plays the whole table and writes `docs/reliability.md`: `make faults`."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from testgate.text import cut, duration
from tests.faults.endpoints import ENDPOINTS, STARTS, Endpoint
from tests.faults.kinds import BY_NAME, KINDS, Kind
from tests.faults.playing import Ended, play
from tests.faults.processes import COMBINATIONS, Combination, Measured
from tests.faults.processes import play as play_process
from tests.faults.systems import BASES
from tests.support.step import KEY
from tests.worlds.document import kept

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
SOCKETS = "## Over real sockets"
_SIDE_BY_SIDE = 4
_LONGEST_WORDS = 260
_ASIDES = (
    re.compile(r"^ +\d+:\d\d +((?:run \d+ (?:was|could|did)|messages and durations could).*)$"),
    re.compile(r"^::warning title=Test management::(.*)$"),
)

_INTRO = """\
# What happens when the platform fails

This page lists every endpoint that the gate calls, with everything that can go wrong there. For each combination, a
whole step is played against the simulator, from its inputs to its exit code. Nothing here is written by hand: `make
faults` plays everything and writes this page, and the tests compare it with what the program does.

## What always holds

The tests assert this for every combination, whatever the exit code:

- **At most one run,** and one more where a lost one is started again. A trigger is sent again only if the platform
  certainly didn't act on it (the connection was never made, or the answer was 429). Otherwise the gate looks for the
  run by its build number; if that proves nothing, the step ends with exit code 7 and says so. Testifly's jobs carry no
  build number, so there is nothing to look for. A test run in test management is created at most once, too.
- **Never a wrong build.** What a step brings along is uploaded once, and a run starts only with the version that
  certainly is that file.
- **The record is not the gate.** Whatever fails in test management, the verdict on the tests doesn't change; if the
  record is incomplete, a warning says so.
- **Never green by accident.** Exit code 0 needs the run's result, its counts and its tests.
- **Never a traceback,** and never the key in the log.
- **Outputs and reports are written.** `conclusion` and `reason` are set. `junit.xml` is complete, and it holds a
  failure or an error exactly when the step is red.
- **The run's id is kept** in outputs and state from the moment it is known, and the intent from before the trigger. A
  run that may still be running is named in `left-running`.
- **A red step says what to do** in the `What to do:` line of its log.

A process that is killed at any moment (SIGKILL) leaves the intent or the id behind, and each report is either complete
or absent.

## How to read the tables

*Once*: the exit code when only the first request meets the fault. *Lasting*: the exit code when every request to the
endpoint meets it. *Took* is the time from start to end in the lasting case, with the default limits (`request-timeout`
30 s, `max-outage` 10 m); the run itself takes about 20 s. *Triggers* is how often the trigger was sent in the lasting
case; *creations* is the same for the test run in test management. *What the log says* is the line with the conclusion
in the lasting case, plus what happened to a stop, to missing details or to the record; `…` replaces the base URL.

Exit codes: 0 passed, 1 failed, 3 platform-error, 4 timed-out, 5 stopped, 7 trigger-unknown.

Clock and network are simulated; everything else is the real program. That's how an outage of ten minutes can be played
at all, and why the figures are the same every time. The [last table](#over-real-sockets) comes from real processes over
real sockets.
"""

_SOCKETS_INTRO = """\
A part of the table, played with the process that CI starts and a server on the loopback that misbehaves byte by byte.
The limits are small here (a few seconds for `request-timeout` and `max-outage`), so the times are too. They were
measured on a machine with two cores and vary by a few tenths of a second. *Tunnel*: the platform speaks TLS, and the
step reaches it through a proxy (`CONNECT`).
"""

_SITUATIONS = {
    "seek": "The step knows the name of a plan of two tests that pass, and looks for its id.",
    "upload": "The step brings a build along: it is uploaded, and the plan is started with it and no other.",
    "upload-find": "The connection broke after the platform had taken the build; the step looks for it. Where it isn't "
    "found, nothing is started.",
    "upload-state": "The platform still works on the build; the step waits for that.",
    "upload-version": "The build was uploaded; the step reads which version it is. Where that isn't certain, nothing "
    "is started.",
    "again": "The platform gave the first run up, and `retry-aborted` is 1: the step starts the plan once more. The "
    "first request is the one that starts the second run. Where that fails, the verdict on the first run stands.",
    "trigger": "The step starts a plan of two tests that pass.",
    "poll": "The run was started; the step reads its state.",
    "tests": "The run has finished; the step reads the list of its tests.",
    "child-poll": "One test failed, and the platform itself reruns it; the step reads that run. The test passes there, "
    "so the exit code is 0 where the rerun can be read, and 1 where it can't.",
    "child-tests": "The platform's own rerun has finished; the step reads the list of its tests.",
    "messages": "Only details are at stake: the verdict doesn't change.",
    "steps": "One test failed, so the exit code is 1 whatever happens here. Only details are at stake.",
    "find": "The connection broke after the platform had acted on the trigger; the step looks for its run.",
    "late-find": "The platform has started the run and is silent until `timeout` (3 s) expires; the step looks for "
    "the run and stops it. The exit code is 4 where it is found, and 7 where it isn't: `left-running` names it then.",
    "job-start": "The step starts a feature of two tests that pass. Testifly has no way to look for a job.",
    "job-poll": "The job was started; the step reads its state. Testifly has no call that stops a job.",
    "job-live": "The job is running; the step shows its counters. A lasting fault hits the final report, too.",
    "job-report": "The job has finished and only now names its report; the step reads it.",
    "create": "Before the tests start, beside a plan of two tests that pass.",
    "statuses": "The tests have finished; the step reads the ids of the statuses to record.",
    "cases": "The tests have finished; the step reads which cases the test run holds.",
    "record": "The tests have finished; the step records their results.",
    "close": "The results are recorded; the step closes the test run.",
    "look": "The run hangs; before `stall-timeout` (60 s) ends it, the step looks whether its tests change. The exit "
    "code is always 4.",
    "stall-stop": "The run hangs, and `stall-timeout` (60 s) expires; the step stops it. The exit code is always 4.",
    "stop": "The run is still running when `timeout` (60 s) expires; the step stops it. The exit code is always 4.",
}


def simulated(row: Callable[[Endpoint, Kind], str]) -> Iterator[str]:
    """Lines of the page up to the sockets part, with `row` for each combination."""
    yield from _INTRO.splitlines()
    for endpoint in ENDPOINTS:
        yield from ("", f"## {endpoint.title}", "", _SITUATIONS[endpoint.name.removeprefix("described-")], "")
        starts = "creations" if endpoint.system == "management" else "triggers"
        yield f"| fault | once | lasting | took | {starts} | what the log says |"
        yield "|---|---|---|---|---|---|"
        for kind in KINDS:
            yield row(endpoint, kind)
    yield ""


def row_of(endpoint: Endpoint, kind: Kind, once: Ended, lasting: Ended) -> str:
    """The row of one combination."""
    starts = next(lasting.network.sent(each) for each in STARTS if each.system == endpoint.system)
    return line_of(kind.words, once.code, lasting.code, duration(lasting.seconds), starts, _log_of(lasting))


def _played(endpoint: Endpoint, kind: Kind) -> str:
    """Play one combination and return its row."""
    with tempfile.TemporaryDirectory() as folder:
        return row_of(endpoint, kind, *play_both(Path(folder), endpoint, kind))


def play_both(folder: Path, endpoint: Endpoint, kind: Kind) -> tuple[Ended, Ended]:
    """Play the fault once, and then lasting, each in a folder of its own."""
    places = [folder / name for name in ("once", "lasting")]
    for place in places:
        place.mkdir()
    once, lasting = (play(place, endpoint, kind, lasts=place.name == "lasting") for place in places)
    return once, lasting


def _log_of(ended: Ended) -> str:
    """The line with the conclusion, and what happened to a stop, to details or to the record; without base URLs."""
    lines = ended.log.splitlines()
    conclusion = next(line for line in lines if line.startswith(f"{ended.outputs['conclusion'].upper()}: "))
    asides = [match[1] for line in lines for aside in _ASIDES if (match := aside.match(line))]
    return "; ".join(cut(_without_bases(each), _LONGEST_WORDS) for each in [conclusion, *asides])


def _without_bases(text: str) -> str:
    """The text with base URLs shortened."""
    for base in BASES:
        text = text.replace(base, "…")
    return text


def line_of(*cells: object) -> str:
    """A row of a table; a bar in a cell would end the cell."""
    texts = [" ".join(str(cell).split()).replace("|", r"\|").replace("<", "&lt;") for cell in cells]
    return f"| {' | '.join(texts)} |"


def over_sockets() -> Iterator[str]:
    """Lines of the sockets part, played by real processes; exits when a promise is broken."""
    yield from (SOCKETS, "", *_SOCKETS_INTRO.splitlines(), "")
    yield "| endpoint | fault | | way | exit code | took | triggers that may have arrived |"
    yield "|---|---|---|---|---|---|---|"
    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        for combination, measured in zip(COMBINATIONS, pool.map(_measured, COMBINATIONS), strict=True):
            if measured.wrong:
                sys.exit(f"{combination}: {'; '.join(measured.wrong)}\n{measured.left.log.replace(KEY, '***')}")
            yield line_of(
                combination.endpoint.name,
                BY_NAME[combination.fault].words,
                "lasting" if combination.lasts else "once",
                "tunnel" if combination.tunnel else "direct",
                measured.left.code,
                f"{measured.seconds:.1f} s",
                measured.triggers,
            )


def _measured(combination: Combination) -> Measured:
    """Play one combination in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        return play_process(Path(folder), combination)


def main() -> None:
    """Write the page, and keep the part on worlds."""
    worlds = kept(DOCUMENT.read_text(encoding="utf-8"))
    DOCUMENT.write_text("\n".join([*simulated(_played), *over_sockets(), "", worlds]), encoding="utf-8")


if __name__ == "__main__":
    main()

"""Reads a `ctrf.json` that TestGate wrote. Whoever can put a file there can write anything into it."""

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NoReturn

from testgate.merging.doubts import contradiction
from testgate.merging.leg import Leg, RefusedReportError
from testgate.merging.tests import test_of
from testgate.model import Attempt, Conclusion, Counts, Reported, Run, Snapshot, Status, Target
from testgate.results import JudgedRun, Origin, Policy, RunReport, Verdict
from testgate.shapes import count_of, field_of, is_odd, rows_of, text_of
from testgate.text import one_line, shown

FORMAT: Final = 1
_PREFIX: Final = "TestGate "
_LONGEST: Final = 2_000
_MOST_LISTED: Final = 200
_LONGEST_SECONDS: Final = 30 * 86_400.0


def leg_of(path: str, text: str, redact: Callable[[str], str]) -> Leg:
    """The leg that a report is of, with every text cleaned and free of secrets.

    Raises:
        RefusedReportError: it is no report of TestGate, a damaged one, or one that contradicts itself.

    """
    try:
        data = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise RefusedReportError("is not JSON") from error
    if field_of(data, "reportFormat") != "CTRF":
        raise RefusedReportError("is no CTRF report")
    writer, extra = text_of(field_of(data, "generatedBy")), field_of(data, "extra")
    if not writer.startswith(_PREFIX) or not isinstance(extra, dict):
        raise RefusedReportError(
            f"was not written by TestGate, but by {one_line(redact(writer), 60) or 'something else'}"
        )
    if extra.get("legs"):
        raise RefusedReportError("is the result of a merge itself")
    version = count_of(extra.get("format"))
    if version is None or version > FORMAT:
        said = one_line(str(version), 20)
        raise RefusedReportError(f"has format {said}, and this version reads up to format {FORMAT}: update TestGate")
    digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
    try:
        leg = _Reader(data, extra, redact).leg(path, digest)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
        raise RefusedReportError("is damaged") from error
    if not leg.name:
        raise RefusedReportError("names neither a leg nor a title")
    if doubt := contradiction(leg, data):
        raise RefusedReportError(f"contradicts itself: {doubt}")
    return leg


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are there once: readers disagree about which one counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


class _Reader:
    """Reads the parts of one file; ValueError if a part isn't what TestGate writes."""

    def __init__(self, data: Mapping[str, Any], extra: Mapping[str, Any], redact: Callable[[str], str]) -> None:
        self._data = data
        self._extra = extra
        self._redact = redact

    def safe(self, value: object) -> str:
        """A text on one line, clean and without secrets."""
        if is_odd(value):
            raise ValueError
        return shown(text_of(value), self._redact, _LONGEST)

    def page(self, value: object) -> str:
        """The address of a web page; "" if it is anything else."""
        found = self.safe(value)
        return found if found.startswith(("https://", "http://")) else ""

    def leg(self, path: str, digest: str) -> Leg:
        """The leg."""
        extra, safe = self._extra, self.safe
        conclusion, code = Conclusion(extra["conclusion"]), _count(extra["exit-code"])
        title, name = safe(extra["title"]), safe(extra["leg"])
        summary = self._data["results"]["summary"]
        return Leg(
            path=path,
            name=name or title,
            digest=digest,
            origin=self._origin(),
            conclusion=conclusion,
            reason=safe(extra["reason"]),
            exit_code=code,
            remedy=safe(extra["remedy"]),
            counts=_counts(extra["counts"]),
            title=title,
            provider=safe(extra["provider"]),
            demo=_boolean(extra["demo"]),
            seconds=_seconds(summary["duration"]),
            started_at=_started(summary["start"]),
            runs=self._runs(name or title),
            left_running=self._texts(extra["left-running"]),
            notes=self._texts(extra["notes"]),
            limits=_limits(extra["limits"]) if "limits" in extra else None,
        )

    def _origin(self) -> Origin:
        """The build that the report is from."""
        build = self._extra.get("build") or {}
        attempt = _count(build.get("attempt", 1))
        workflow, run, commit = (self.safe(build.get(name, "")) for name in ("workflow", "run", "commit"))
        return Origin(workflow, run, max(1, attempt), commit)

    def _runs(self, leg: str) -> list[JudgedRun]:
        """The runs, each with its tests."""
        found = self._extra["runs"]
        tests: list[list[Any]] = [[] for _ in found]
        for row in _objects(self._data["results"]["tests"]):
            tests[_index(row["extra"]["run"], len(found))].append(test_of(row, self._redact))
        return [self._run(each, leg, listed) for each, listed in zip(_objects(found), tests, strict=True)]

    def _run(self, found: Mapping[str, Any], leg: str, tests: Sequence[Any]) -> JudgedRun:
        """One run. Its name is the platform's, its key that of its target."""
        safe = self.safe
        target = Target(safe(found["target"]), safe(found["name"]), environment=safe(found["environment"]))
        run = Run(safe(found["id"]), target, self.page(found["url"])) if found["id"] else None
        attempts = self._attempts(found, target)
        verdict = Verdict(Conclusion(found["conclusion"]), safe(found["reason"]), _counts(found["counts"]))
        report = RunReport(
            target=target,
            run=run,
            tests=tests,
            seconds=_seconds(found["duration"]),
            attempts=attempts,
            notes=self._texts(found.get("notes", [])),
            leg=leg,
        )
        return JudgedRun(report, verdict)

    def _attempts(self, found: Mapping[str, Any], target: Target) -> list[Attempt]:
        """The run and its reruns."""
        ids = self._texts(found["attempts"])
        reruns = {self.safe(each["id"]): each for each in _objects(found.get("reruns", []))}
        return [self._attempt(each, reruns.get(each, {}), target) for each in ids]

    def _attempt(self, run_id: str, told: Mapping[str, Any], target: Target) -> Attempt:
        """One of them, with what is told of a rerun."""
        status = Status.ENDED if told.get("ended") is True else Status.RUNNING
        snapshot = Snapshot(run_id, status, reported=Reported(Counts(), _count(told.get("tests", 0))))
        run = Run(run_id, target, self.page(told.get("url", "")))
        return Attempt(run, snapshot if told else None, automatic=told.get("automatic") is True)

    def _texts(self, found: object) -> list[str]:
        """A list of texts."""
        if not isinstance(found, list):
            raise TypeError
        return [self.safe(each) for each in found[:_MOST_LISTED]]


def _limits(found: Mapping[str, Any]) -> Policy:
    """The limits of the gate."""
    rate, words = found["min-pass-rate"], found["fail-on"]
    if rate is not None:
        percent, divisor = map(_count, rate)
        if divisor < 1 or percent > 100 * divisor:
            raise ValueError
    return Policy(
        min_pass_rate=None if rate is None else (rate[0], rate[1]),
        max_failures=None if found["max-failures"] is None else _count(found["max-failures"]),
        max_flaky=None if found["max-flaky"] is None else _count(found["max-flaky"]),
        fail_on=None if words is None else frozenset(map(Conclusion, words)),
    )


def _objects(found: object) -> Iterable[dict[str, Any]]:
    """A list of objects, and of nothing else."""
    rows = rows_of(found)
    if not isinstance(found, list) or len(rows) != len(found):
        raise TypeError
    return rows


def _counts(found: Mapping[str, Any]) -> Counts:
    """Counts under the names of the outputs."""
    counts = Counts(**{name: _count(found.get(name.replace("_", "-"), 0)) for name in Counts._fields})
    if counts.total != found["total"]:
        raise ValueError
    return counts


def _count(found: object) -> int:
    """A whole number from 0 up."""
    number = count_of(found)
    if number is None or number > 10**9:  # no run has a billion tests
        raise ValueError
    return number


def _index(found: object, below: int) -> int:
    """A place in a list of that length."""
    place = _count(found)
    if place >= below:
        raise ValueError
    return place


def _boolean(found: object) -> bool:
    """True or false."""
    if not isinstance(found, bool):
        raise TypeError
    return found


def _seconds(milliseconds: object) -> float:
    """A duration."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float) or not math.isfinite(milliseconds):
        raise TypeError
    return min(max(0.0, milliseconds / 1000), _LONGEST_SECONDS)


def _started(milliseconds: object) -> float:
    """A time in epoch seconds."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        raise TypeError
    seconds = float(milliseconds) / 1000
    datetime.fromtimestamp(seconds)  # noqa: DTZ006  # only whether it is one
    return seconds

"""The suites and cases that represent a gate in JUnit. A red step never makes a green file."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from testgate.model import TestResult
from testgate.reports.junit.cases import Case, cases_of, run_case, step_case
from testgate.reports.junit.results import RED_TAGS, counted_tag
from testgate.reports.junit.room import Caps, caps_of
from testgate.reports.junit.unique import LONGEST_NAME, UniqueNames, shortened
from testgate.reports.naming import (
    case_name,
    leg_of,
    plan_name,
    target_name,
    variant_of,
    visible,
)
from testgate.results import Gate, JudgedRun


class Suite(NamedTuple):
    """One suite of the file: the tests of one place, then the case for a verdict if there is one.

    `tags` are those of the elements that readers count, one for each test.
    """

    name: str
    classname: str
    properties: dict[str, str]
    tests: Sequence[TestResult] = ()
    tags: Sequence[str] = ()
    verdict: Case | None = None
    caps: Caps = Caps()

    @property
    def hostname(self) -> str:
        """The machine; if it is unknown, the name that Ant's schema prescribes for that."""
        return self.properties.get("machine", "localhost")

    @property
    def output(self) -> str:
        """The suite's `system-out`: the run's address, because most readers show it there; "" if there is none."""
        url = self.properties.get("run-url", "")
        return f"{self.properties['plan']}: {url}" if url else ""

    @property
    def counted_tags(self) -> list[str]:
        """For each case, the tag of the element that readers count."""
        return [*self.tags, *([self.verdict.counted_tag] if self.verdict else [])]

    def cases(self) -> Iterator[Case]:
        """Every case, made one at a time, each with a name of its own."""
        named = [case_name(test) for test in self.tests]
        names = UniqueNames(named)
        yield from cases_of(self.tests, named, names, self.caps)
        if self.verdict:
            yield self.verdict._replace(name=names.give(self.verdict.name))


def suites(gate: Gate) -> Iterator[Suite]:
    """All suites in the platform's order, then one for the step itself if they don't show its verdict."""
    classnames = UniqueNames()
    red = False
    caps = caps_of(gate.runs)
    for judged in gate.runs:
        for suite in _run_suites(judged, gate):
            red = red or not RED_TAGS.isdisjoint(suite.counted_tags)
            yield suite._replace(classname=classnames.give(suite.classname), caps=caps)
    if not gate.runs or (gate.exit_code and not red):
        title = visible(gate.title, "TestGate")
        properties = _filled({"provider": gate.provider, **_origin(gate)})
        name = shortened(" / ".join(filter(None, (title, visible(gate.leg)))), LONGEST_NAME)
        classname = classnames.give(shortened(_segment(name), LONGEST_NAME))
        yield Suite(name, classname, properties, verdict=step_case(gate))


def _run_suites(judged: JudgedRun, gate: Gate) -> Iterator[Suite]:
    """The suites of one run: one for each place, and one without a place for its verdict."""
    places = _by_place(judged.report.tests)
    verdict = run_case(judged, gate)
    if verdict:
        places.setdefault(("", ""), [])
    variant = variant_of(judged, gate)
    run = {"plan": plan_name(judged), "run-id": judged.id, "run-url": judged.url}
    run |= {"environment": judged.report.target.environment, "leg": leg_of(judged, gate)}
    common = _filled({"provider": gate.provider, **run, **_origin(gate)})
    for (suite, machine), tests in places.items():
        where = [part for part in (suite, machine) if part]
        yield Suite(
            name=shortened(" / ".join([plan_name(judged), *variant, *where]), LONGEST_NAME),
            classname=shortened(".".join(map(_segment, [target_name(judged), *variant, *where])), LONGEST_NAME),
            properties=common | _filled({"suite": suite, "machine": machine, **_excused(tests)}),
            tests=tests,
            tags=[*map(counted_tag, tests)],
            verdict=None if where else verdict,
        )


def _excused(tests: Sequence[TestResult]) -> dict[str, str]:
    """How many of the skipped cases are failures that don't count; "" for none."""
    tolerated = sum(test.tolerated and test.bad for test in tests)
    return {"quarantined": str(sum(test.quarantined for test in tests) or ""), "tolerated": str(tolerated or "")}


def _by_place(tests: Iterable[TestResult]) -> dict[tuple[str, str], list[TestResult]]:
    """The tests of each suite and machine; places that look the same are one."""
    raw: dict[tuple[str, str], list[TestResult]] = {}
    for test in tests:
        raw.setdefault((test.suite, test.machine), []).append(test)
    places: dict[tuple[str, str], list[TestResult]] = {}
    for (suite, machine), found in raw.items():
        places.setdefault((visible(suite), visible(machine)), []).extend(found)
    return places


def _origin(gate: Gate) -> dict[str, str]:
    """Where the file comes from: the build in CI, or the simulator."""
    build = {"build": gate.build_title, "build-url": gate.build_url, "build-job": gate.build_job}
    return {**build, "demo": "true" if gate.demo else ""}


def _filled(properties: dict[str, str]) -> dict[str, str]:
    """The properties that have a visible value, each on one line."""
    return {name: line for name, text in properties.items() if (line := visible(text, limit=2_000))}


def _segment(part: str) -> str:
    """One segment of a classname. Dots separate packages there, so a segment must not contain any."""
    return part.replace(".", "_")

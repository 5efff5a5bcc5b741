"""Which suites and cases a gate makes in JUnit, so that the file is never green by accident."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from testgate.errors import GateError
from testgate.model import Conclusion, TestResult
from testgate.reports.junit_attempts import Entry, element_of, entries
from testgate.reports.naming import case_name, fault_text, milliseconds, run_name, target_name, visible
from testgate.results import Gate, JudgedRun
from testgate.text import clean, one_line

_RED = frozenset({"failure", "error"})


class Case(NamedTuple):
    """One case as it will stand in the file; the first of its elements is the one that readers count.

    `output` is its `system-out`; "" for none, as the stricter of the schemas knows it in suites only.
    """

    name: str
    entries: Sequence[Entry] = ()
    milliseconds: int = 0
    output: str = ""

    @property
    def element(self) -> str:
        """The tag that readers count; "" for a pass without a word."""
        return self.entries[0].tag if self.entries else ""


class Suite(NamedTuple):
    """One suite as it will stand in the file: tests, then what is told about the run itself."""

    name: str
    classname: str
    properties: dict[str, str]
    output: str
    tests: Sequence[TestResult] = ()
    told: Case | None = None
    hostname: str = "localhost"


class _Names:
    """Hands out each name once: ` (2)` is added to one that was given already."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        """Take the names that an ordinal must not make."""
        self._reserved = set(reserved)
        self._given: set[str] = set()
        self._last: dict[str, int] = {}

    def give(self, name: str) -> str:
        """The name, or with the next free ordinal."""
        found = name
        while found in self._given or (found != name and found in self._reserved):
            self._last[name] = self._last.get(name, 1) + 1
            found = f"{name} ({self._last[name]})"
        self._given.add(found)
        return found


def suites(gate: Gate) -> Iterator[Suite]:
    """All suites, in the platform's order; at the end one of the step's own where the file would say too little."""
    classnames = _Names()
    red = False
    for run in gate.runs:
        for suite in _run_suites(run, gate):
            red = red or _is_red(suite)
            yield suite._replace(classname=classnames.give(suite.classname))
    if not gate.runs or (gate.exit_code and not red):
        title = visible(gate.title, "TestGate")
        told = _verdict_case(gate, gate.verdict.conclusion, [gate.verdict.reason, *gate.notes, gate.remedy])
        properties = _filled({"provider": gate.provider, **_origin(gate)})
        yield Suite(title, classnames.give(_segment(title)), properties, "", told=told)


def _is_red(suite: Suite) -> bool:
    """Whether a reader turns red for it."""
    told = suite.told is not None and suite.told.element in _RED
    return told or any(element_of(test) in _RED for test in suite.tests)


def _origin(gate: Gate) -> dict[str, str]:
    """Where the file comes from: the build in CI, or the simulator."""
    return {"build": gate.build_title, "build-url": gate.build_url, "demo": "true" if gate.demo else ""}


def _run_suites(run: JudgedRun, gate: Gate) -> Iterator[Suite]:
    """The suites of one run."""
    groups = _by_place(run.report.tests)
    told = _run_case(run, gate) if _needs_word(run) else None
    if told:
        groups.setdefault(("", ""), [])
    common = _filled(
        {
            "provider": gate.provider,
            "plan": run_name(run),
            "run-id": run.id,
            "run-url": run.url,
            **_origin(gate),
        }
    )
    output = f"{run_name(run)}: {one_line(run.url, 2_000)}" if run.url.strip() else ""
    for (suite, machine), tests in groups.items():
        where = [part for part in (suite, machine) if part]
        yield Suite(
            name=" / ".join([run_name(run), *where]),
            classname=".".join(map(_segment, [target_name(run), *where])),
            properties=common | _filled({"suite": suite, "machine": machine}),
            output=output,
            tests=tests,
            told=None if where else told,
            hostname=machine or "localhost",
        )


def _by_place(tests: Iterable[TestResult]) -> dict[tuple[str, str], list[TestResult]]:
    """The tests of each suite and machine; places that read the same are one."""
    raw: dict[tuple[str, str], list[TestResult]] = {}
    for test in tests:
        raw.setdefault((test.suite, test.machine), []).append(test)
    groups: dict[tuple[str, str], list[TestResult]] = {}
    for (suite, machine), found in raw.items():
        groups.setdefault((visible(suite), visible(machine)), []).extend(found)
    return groups


def _filled(properties: dict[str, str]) -> dict[str, str]:
    """The properties that say something, each on one line."""
    return {name: line for name, text in properties.items() if (line := visible(text, limit=2_000))}


def _segment(part: str) -> str:
    """One part of a classname: dots separate packages, so that it may hold none."""
    return part.replace(".", "_")


def _needs_word(run: JudgedRun) -> bool:
    """Whether the list of tests alone would tell less, or something better, than the verdict."""
    red = sum(element_of(test) in _RED for test in run.report.tests)
    verdict = run.verdict
    if verdict.conclusion.green:
        return not run.report.tests
    return verdict.conclusion is not Conclusion.FAILED or not red or red < verdict.counts.unsuccessful


def _run_case(run: JudgedRun, gate: Gate) -> Case:
    """What is to be said of a run that its tests do not say."""
    fault = run.report.fault
    remedy = fault.remedy if isinstance(fault, GateError) else ""
    sentence = fault_text(run)
    notes = [note for note in run.report.notes if note not in sentence]
    return _verdict_case(gate, run.verdict.conclusion, [sentence, remedy, *notes])


def _verdict_case(gate: Gate, conclusion: Conclusion, sentences: Sequence[str]) -> Case:
    """A case that stands for a verdict: red where the step is, skipped where it may be, passed where it passed."""
    text = clean("\n".join(filter(None, sentences))).strip() or conclusion.value
    name = f"Gate: {conclusion.value}"
    if conclusion is Conclusion.PASSED:
        return Case(name)
    if conclusion.green or not gate.exit_code:
        return Case(name, [Entry("skipped", "", text)])
    kind = "".join(word.capitalize() for word in conclusion.value.split("-"))
    return Case(name, [Entry("error", kind, text)])


def suite_cases(suite: Suite) -> Iterator[Case]:
    """Every case of the suite, its name unlike any other's."""
    names = _Names(map(case_name, suite.tests))
    for test, name in zip(suite.tests, _unique_names(suite.tests, names), strict=True):
        video = one_line(test.video, 2_000)
        output = f"Video: {video}" if video.startswith(("https://", "http://")) else ""
        yield Case(name, entries(test), milliseconds(test.seconds), output)
    if suite.told:
        yield suite.told._replace(name=names.give(suite.told.name))


def _unique_names(tests: Sequence[TestResult], names: _Names) -> list[str]:
    """A name for each; of equal ones the oldest case keeps the plain one, whatever the order of this run's list."""
    oldest_first = sorted(range(len(tests)), key=lambda index: (len(tests[index].case_id), tests[index].case_id))
    given = [""] * len(tests)
    for index in oldest_first:
        given[index] = names.give(case_name(tests[index]))
    return given

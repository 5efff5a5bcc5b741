"""Reads the quarantine file: tests whose failure doesn't count for a while, each with a reason and an expiry date.

    [[test]]
    name = "Checkout / Pay *"     # or: id = "1234"
    reason = "SHOP-123: payment sandbox is down"
    expires = 2027-01-31          # valid to the end of this day, UTC
    owner = "@shop-team"          # who is asked about it; may be left out

A name can contain `*` and `?`. It is compared with the test's name, and with `suite / name`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from testgate.errors import InputError
from testgate.model import Outcome, TestResult
from testgate.text import one_line

_KEYS = frozenset({"id", "name", "reason", "expires", "owner"})
_READY_BUILDS = 5  # so many builds in a row have to pass
_MOST_ENTRIES = 10_000


class QuarantineEntry(NamedTuple):
    """One entry; it has either a `test_id` or a `name`."""

    reason: str
    expires: dt.date
    test_id: str = ""
    name: str = ""
    owner: str = ""

    @property
    def label(self) -> str:
        """The entry as it is shown to people."""
        what = f"id {self.test_id}" if self.test_id else repr(self.name)
        return f"{what} ({self.owner})" if self.owner else what

    def covers(self, test: TestResult) -> bool:
        """Whether the entry applies to this test."""
        if self.test_id:
            return self.test_id == test.case_id
        pattern = self.name.replace("[", "[[]")  # only `*` and `?` are special, not fnmatch's classes
        return any(fnmatchcase(name, pattern) for name in (test.name, f"{test.suite} / {test.name}"))


class QuarantineError(Exception):
    """The quarantine file is invalid; `problems` lists every fault, with the number of its entry."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class Quarantine(NamedTuple):
    """The entries that are valid today, and those that have expired."""

    current: Sequence[QuarantineEntry] = ()
    expired: Sequence[QuarantineEntry] = ()

    def label(self, test: TestResult) -> TestResult:
        """The test, with the reason why its failure doesn't count if there is one."""
        if not self.current:
            return test
        entry = next((each for each in self.current if each.covers(test)), None)
        return test._replace(quarantine=one_line(entry.reason)) if entry else test

    def remarks(self, tests: Sequence[TestResult]) -> list[str]:
        """Remarks for people: entries that have expired, that match no test, or whose tests all passed."""
        old = [
            f"quarantine of {one_line(each.label)} expired on {each.expires}: failures count again"
            for each in self.expired
            if any(each.covers(test) for test in tests)
        ]
        idle = [
            f"quarantine of {one_line(each.label)} matches no test"
            for each in (*self.current, *self.expired)
            if not any(each.covers(test) for test in tests)
        ]
        passed = [
            f"quarantine of {one_line(each.label)}: {_passed(covered)}"
            for each in self.current
            if (covered := [test for test in tests if each.covers(test)])
            and all(test.outcome is Outcome.PASSED and not test.flaky for test in covered)
        ]
        return [*old, *idle, *passed]


def _passed(covered: Sequence[TestResult]) -> str:
    """That the tests of an entry passed, and whether they can leave the quarantine."""
    which = "every test of it" if len(covered) > 1 else "the test"
    builds = min(test.past.record.green_since if test.past else 0 for test in covered)
    if builds < _READY_BUILDS:
        return f"{which} passed"
    return f"{which} passed in the last {builds} builds, and is ready to leave the quarantine"


def load(name: str, read_file: Callable[[str], str], today: dt.date) -> Quarantine:
    """Read the quarantine file; an empty name is no quarantine.

    Raises:
        InputError: the file cannot be read or is invalid.

    """
    if not name:
        return Quarantine()
    try:
        return parse(read_file(name).removeprefix("\ufeff"), today)  # editors on Windows write this mark
    except QuarantineError as error:
        problems = error.problems
    except UnicodeError:
        problems = ("is not UTF-8 text",)
    except OSError as error:
        problems = (f"cannot be read: {error.strerror}. Example: .testgate/quarantine.toml",)
    raise InputError([f"`quarantine-file`: {name} {problem}" for problem in problems])


def parse(text: str, today: dt.date) -> Quarantine:
    """Parse the text of the file; an entry is valid to the end of its date, UTC.

    Raises:
        QuarantineError: the file is invalid.

    """
    import tomllib  # for those who have a quarantine

    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is no TOMLDecodeError
        raise QuarantineError([f"is not TOML: {error}"]) from error
    unknown = [f"has an unknown table or key: {one_line(key)}" for key in data if key != "test"]
    rows = data.get("test", [])
    if not isinstance(rows, list) or unknown:
        raise QuarantineError(unknown or ["has no list of [[test]] entries"])
    problems: list[str] = []
    entries = list(_entries(rows[:_MOST_ENTRIES], problems.append))
    if problems:
        raise QuarantineError(problems)
    return Quarantine(
        current=[each for each in entries if each.expires >= today],
        expired=[each for each in entries if each.expires < today],
    )


def _entries(rows: Sequence[Any], report: Callable[[str], None]) -> Iterable[QuarantineEntry]:
    """Yield the valid entries; report the faults of the others."""
    for number, row in enumerate(rows, 1):
        faults = list(_faults(row)) if isinstance(row, dict) else ["is not a table"]
        if faults:
            report(f"entry {number} {', and '.join(faults)}")
            continue
        found = (str(row.get(name, "")) for name in ("id", "name", "owner"))
        yield QuarantineEntry(row["reason"], row["expires"], *found)


def _faults(row: dict[str, Any]) -> Iterable[str]:
    """The faults of one entry."""
    for key in sorted(row.keys() - _KEYS):
        yield f"has an unknown key: {one_line(key)}"
    if ("id" in row) == ("name" in row):
        yield "needs either `id` or `name`"
    if not isinstance(row.get("id", ""), str | int) or not isinstance(row.get("name", ""), str):
        yield "has an `id` or `name` that is not text"
    if not isinstance(row.get("owner", ""), str):
        yield "has an `owner` that is not text"
    if not isinstance(row.get("reason"), str) or not row["reason"].strip():
        yield "needs a `reason`"
    if type(row.get("expires")) is not dt.date:
        yield "needs a date as `expires`, like 2027-01-31"

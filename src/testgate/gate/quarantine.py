"""Tests whose failure does not count for a while: read from a TOML file, each with a reason and an end.

    [[test]]
    name = "Checkout / Pay *"     # or: id = "1234"
    reason = "SHOP-123: payment sandbox is down"
    expires = 2027-01-31          # counts again from the day after, UTC

A name may hold `*` and `?`; it is matched against the test's name, and against `suite / name`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from testgate.model import TestResult
from testgate.text import one_line

_KEYS = frozenset({"id", "name", "reason", "expires"})
_MOST_ENTRIES = 10_000


class QuarantineEntry(NamedTuple):
    """One entry; `test_id` and `name` exclude each other."""

    reason: str
    expires: dt.date
    test_id: str = ""
    name: str = ""

    @property
    def label(self) -> str:
        """What people call the entry."""
        return f"id {self.test_id}" if self.test_id else repr(self.name)

    def covers(self, test: TestResult) -> bool:
        """Whether the entry is about this test."""
        if self.test_id:
            return self.test_id == test.case_id
        return any(fnmatchcase(name, self.name) for name in (test.name, f"{test.suite} / {test.name}"))


class QuarantineError(Exception):
    """What is wrong with the file: every problem, each with the entry's number."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Take the problems."""
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class Quarantine(NamedTuple):
    """The entries that hold today, and those that held once."""

    current: Sequence[QuarantineEntry] = ()
    expired: Sequence[QuarantineEntry] = ()

    def label(self, test: TestResult) -> TestResult:
        """The test with the reason why its failure does not count, if there is one."""
        entry = next((each for each in self.current if each.covers(test)), None)
        return test._replace(quarantine=one_line(entry.reason)) if entry else test

    def remarks(self, tests: Sequence[TestResult]) -> list[str]:
        """What to tell of the file: entries that have expired, and entries that match nothing."""
        old = [
            f"quarantine of {one_line(each.label)} expired on {each.expires}: its failures count again"
            for each in self.expired
            if any(each.covers(test) for test in tests)
        ]
        idle = [
            f"quarantine of {one_line(each.label)} matches no test"
            for each in (*self.current, *self.expired)
            if not any(each.covers(test) for test in tests)
        ]
        return [*old, *idle]


def parse(text: str, today: dt.date) -> Quarantine:
    """Read the file's text; an entry is valid to the end of its date, UTC.

    Raises:
        QuarantineError: with every problem.

    """
    import tomllib  # for those who have a quarantine

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise QuarantineError([f"is not TOML: {error}"]) from error
    unknown = [f"has a table or key that is not known: {one_line(key)}" for key in data if key != "test"]
    rows = data.get("test", [])
    if not isinstance(rows, list) or unknown:
        raise QuarantineError(unknown or ["holds no list of [[test]] entries"])
    problems: list[str] = []
    entries = list(_entries(rows[:_MOST_ENTRIES], problems.append))
    if problems:
        raise QuarantineError(problems)
    return Quarantine(
        current=[each for each in entries if each.expires >= today],
        expired=[each for each in entries if each.expires < today],
    )


def _entries(rows: Sequence[Any], tell: Callable[[str], None]) -> Iterable[QuarantineEntry]:
    """The entries that can be used; what is wrong with the others is told."""
    for number, row in enumerate(rows, 1):
        faults = list(_faults(row)) if isinstance(row, dict) else ["is no table"]
        if faults:
            tell(f"entry {number} {', and '.join(faults)}")
            continue
        yield QuarantineEntry(row["reason"], row["expires"], str(row.get("id", "")), str(row.get("name", "")))


def _faults(row: dict[str, Any]) -> Iterable[str]:
    """What is wrong with one entry."""
    for key in sorted(row.keys() - _KEYS):
        yield f"has a key that is not known: {one_line(key)}"
    if ("id" in row) == ("name" in row):
        yield "needs either `id` or `name`"
    if not isinstance(row.get("id", ""), str | int) or not isinstance(row.get("name", ""), str):
        yield "has an `id` or `name` that is no text"
    if not isinstance(row.get("reason"), str) or not row["reason"].strip():
        yield "needs a `reason`"
    if type(row.get("expires")) is not dt.date:
        yield "needs a date as `expires`, like 2027-01-31"

"""The first line of a comment, which readers don't see: whose comment it is, what it says, and which build wrote it.

Names are hashed: whoever names a workflow or a test could close the line otherwise. Pure.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from testgate.ports import Build
from testgate.results import Gate, failed_tests

_LETTERS = 32  # hexadecimal digits of a hash
_FORM = re.compile(
    r"\ufeff?\s*(?:<!-- testgate|\[//\]: # \(testgate)"
    r" key=(?P<key>[0-9a-f]{32}) says=(?P<says>[0-9a-f]{32}) build=(?P<run>[0-9]{0,18})\.(?P<attempt>[0-9]{1,9})"
    r"(?: -->|\))(?=\s|\Z)"
)
_RUN = re.compile(r"[0-9]{1,18}")


class Marker(NamedTuple):
    """What the line says. `run` is "" if the CI doesn't number its builds."""

    key: str
    says: str
    run: str = ""
    attempt: int = 1

    def line(self, *, html: bool) -> str:
        """The line, as HTML, or as a definition of Markdown that nothing refers to."""
        content = f"testgate key={self.key} says={self.says} build={self.run}.{self.attempt}"
        return f"<!-- {content} -->" if html else f"[//]: # ({content})"

    def is_newer_than(self, other: "Marker") -> bool:
        """Whether a later build, or a later attempt of the same one, wrote this."""
        if not (self.run and other.run):
            return False
        return (int(self.run), self.attempt) > (int(other.run), other.attempt)


def marker_of(gate: Gate, build: Build) -> Marker:
    """The marker of this step's comment: workflow, job and leg say which comment of a pull request it is."""
    run = build.run if _RUN.fullmatch(build.run) else ""
    return Marker(_hash((build.workflow, build.job_name, gate.leg)), _hash(_said(gate)), run, build.attempt)


def read(body: str) -> Marker | None:
    """The marker that a comment begins with; None if there is none. A quote of a comment doesn't begin with it."""
    found = _FORM.match(body)
    if found is None:
        return None
    return Marker(found["key"], found["says"], found["run"], int(found["attempt"]))


def _said(gate: Gate) -> Iterable[str]:
    """The conclusion, and what failed: tests are the same as in an earlier build if they are called the same."""
    failed = {
        "\0".join((run.report.target.key, run.report.target.environment, run.report.leg, *test.key))
        for run, test in failed_tests(gate.runs)
    }
    return (gate.verdict.conclusion.value, gate.provider, *sorted(failed))


def _hash(parts: Iterable[str]) -> str:
    """A hash of several texts, each of which counts with its length."""
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(whole.encode("utf-8", errors="surrogatepass")).hexdigest()[:_LETTERS]

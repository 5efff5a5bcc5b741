"""TeamCity.

Follows its documentation, and the parser of service messages in its open API.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from testgate.acts import Act, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.advice import check_the_secret, missing_variables
from testgate.platforms.builds import BuildFacts, short_ref
from testgate.platforms.limits import JSON_LISTS, shortened
from testgate.platforms.marks import inert, utf16_units
from testgate.platforms.words import Words
from testgate.text import clean, cut, one_line

_STATUSES = {"error": "ERROR", "warning": "WARNING"}
_LONGEST_DETAILS = 4000
_LONGEST_PROBLEM = 4000  # the server cuts longer ones
_LONGEST_VALUE = 30_000  # it becomes a variable of later steps: 32,767 characters on Windows
_ESCAPES = {"|": "||", "'": "|'", "[": "|[", "]": "|]", "\n": "|n", "\r": "|r"}
_ESCAPED = re.compile(r"[|'\[\]\n\r]|[^\x20-\x7e]")
_BUILD_IN_PAGE = re.compile(r"(?:[?&]buildId=|/build/|/buildConfiguration/[^/?#]+/)(\d{1,20})(?=[/?#&]|$)")


class TeamCity(Words):
    """Prints the service messages that TeamCity's agent finds in the log."""

    name = "teamcity"

    @property
    def _facts(self) -> BuildFacts:
        """The build's id, which only the URL of its page contains, or else its number."""
        get = self._get
        page, number = get("BUILD_URL"), get("BUILD_NUMBER")
        found = _BUILD_IN_PAGE.search(page)
        return BuildFacts(
            run=found.group(1) if found else number,
            url=page,
            name=" / ".join(filter(None, (get("TEAMCITY_PROJECT_NAME"), get("TEAMCITY_BUILDCONF_NAME")))),
            number=number,
            branch=_branch(get("BUILD_BRANCH")),
            commit=get("BUILD_VCS_NUMBER"),
        )

    @property
    def hint(self) -> str:
        """Without these variables, TestGate can neither identify the build nor set outputs."""
        if self._inside and self._get("BUILD_NUMBER"):
            return ""
        return f"{missing_variables('build', 'TEAMCITY_VERSION', 'BUILD_NUMBER')} and the others in docs/ci.md"

    @property
    def secrets_place(self) -> str:
        """Where TeamCity keeps parameters."""
        passing = "the parameter is called env.TESTGATE_API_KEY and has the type Password"
        return check_the_secret("the build configuration's Parameters", passing)

    def group(self, title: str) -> Sequence[Act]:
        """Open a block."""
        return [_message("blockOpened", name=one_line(title))]

    def end_group(self, title: str) -> Sequence[Act]:
        """Close the block of this name."""
        return [_message("blockClosed", name=one_line(title))]

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Print a message with its status. An error shows the whole message below it."""
        whole = clean(message).strip()
        text = f"{one_line(title)}: {one_line(whole.split(chr(10), 1)[0])}"
        details = {"errorDetails": cut(whole, _LONGEST_DETAILS)} if level == "error" else {}
        return [_message("message", text=text, **details, status=_STATUSES.get(level, "NORMAL"))]

    def concluded(self, level: str, title: str, reason: str) -> Sequence[Act]:
        """Report a build problem, which fails the build. A tolerated failure only extends the build's status text."""
        if not self._inside:
            return []
        if level == "error":
            problem = cut(f"{one_line(title)}: {clean(reason)}", _LONGEST_PROBLEM)
            return [_message("buildProblem", description=problem, identity=_identity(title, reason))]
        if level == "warning":
            return [_message("buildStatus", text=f"{{build.status.text}}; {one_line(title)}: {one_line(reason)}")]
        return []

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Set environment variables of the later steps. A name that is set again gets the new value."""
        if not self._inside:
            return []
        fitting = {name: shortened(name, _inert(name, value), _LONGEST_VALUE) for name, value in values.items()}
        return [
            # TeamCity replaces `%name%` in a value with that parameter, even a password; `%%` is a percent sign.
            _message("setParameter", name=f"env.{name}", value=value.replace("%", "%%"))
            for name, value in as_variables(fitting).items()
        ]

    def published(self, files: Mapping[str, str]) -> Sequence[Act]:
        """Import the JUnit report by its path in the checkout directory. The agent reads it until the step ends."""
        path = files.get("junit-file", "")
        root = PurePosixPath(self._surroundings.root)
        if path.startswith("/") and PurePosixPath(path).is_relative_to(root):
            path = str(PurePosixPath(path).relative_to(root))
        return [_message("importData", type="junit", path=path)] if path and self._inside else []

    @property
    def _inside(self) -> bool:
        """True in a step of a build."""
        return bool(self._get("TEAMCITY_VERSION"))


def _branch(ref: str) -> str:
    """The name of a branch as people know it; TeamCity calls the default branch `<default>`."""
    name = short_ref(ref)
    return name.strip("<>") if name == ref else name


def _identity(title: str, reason: str) -> str:
    """An id for the problem that stays the same from build to build: numbers don't count."""
    text = re.sub(r"\d+", "0", f"{title}\n{reason}")
    return f"TestGate_{hashlib.sha256(text.encode('utf-8', errors='replace')).hexdigest()[:40]}"


def _inert(name: str, value: str) -> str:
    r"""The value without commands. In JSON, `\u0025` spells a percent sign, so there is nothing to replace."""
    value = inert(name, value)
    return value.replace("%", r"\u0025") if name in JSON_LISTS else value


def _message(kind: str, /, **attributes: str) -> Print:
    """A service message."""
    pairs = "".join(f" {attribute}='{_escaped(value)}'" for attribute, value in attributes.items())
    return Print(f"##teamcity[{kind}{pairs}]")


def _escaped(text: str) -> str:
    """A value for its quotes, in ASCII: the agent reads the log in the encoding of its machine."""
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found.group()) or _unicode(found.group()), text)


def _unicode(character: str) -> str:
    """A character as TeamCity spells it, in one or two units of 16 bits."""
    return "".join(f"|0x{unit.upper()}" for unit in utf16_units(character))

"""TeamCity.

Facts from its documentation and from the parser of service messages in its open API.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from testgate.acts import Act, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.limits import JSON_LISTS, shortened
from testgate.platforms.marks import FOREIGN, broken_anywhere
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import clean, cut, one_line

_STATUSES = {"error": "ERROR", "warning": "WARNING"}
_LONGEST_DETAILS = 4000
_LONGEST_PROBLEM = 4000  # what is more is cut by the server
_LONGEST_VALUE = 30_000  # a variable of later steps: 32 767 characters on Windows
_ESCAPES = {"|": "||", "'": "|'", "[": "|[", "]": "|]", "\n": "|n", "\r": "|r"}
_ESCAPED = re.compile(r"[|'\[\]\n\r]|[^\x20-\x7e]")
_BUILD_IN_PAGE = re.compile(r"(?:[?&]buildId=|/build/|/buildConfiguration/[^/?#]+/)(\d{1,20})(?=[/?#&]|$)")
_REFS = ("refs/heads/", "refs/tags/", "refs/")


class TeamCity(Words):
    """Says what TeamCity's agent finds in the log."""

    name = "teamcity"

    @property
    def build(self) -> Build:
        """The build's id, which TeamCity tells only in the address of its page, else its number."""
        get = self._get
        page, number = get("BUILD_URL"), get("BUILD_NUMBER")
        found = _BUILD_IN_PAGE.search(page)
        return described(
            run=found.group(1) if found else number,
            url=page,
            name=" / ".join(filter(None, (get("TEAMCITY_PROJECT_NAME"), get("TEAMCITY_BUILDCONF_NAME")))),
            number=number,
            branch=_branch(get("BUILD_BRANCH")),
            commit=get("BUILD_VCS_NUMBER"),
        )

    @property
    def hint(self) -> str:
        """A container that was not told of the build can neither name it nor hand outputs on."""
        if self._inside and self._get("BUILD_NUMBER"):
            return ""
        return (
            "the build's variables did not reach the container: name them in `docker run`, "
            "-e TEAMCITY_VERSION -e BUILD_NUMBER and the others of the line in docs/ci.md."
        )

    def group(self, title: str) -> Sequence[Act]:
        """Open a block."""
        return [_message("blockOpened", name=one_line(title))]

    def end_group(self, title: str) -> Sequence[Act]:
        """Close the block of this name."""
        return [_message("blockClosed", name=one_line(title))]

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """A line of the log with its status; an error has all the message below it."""
        told = clean(message).strip()
        text = f"{one_line(title)}: {one_line(told.split(chr(10), 1)[0])}"
        details = {"errorDetails": cut(told, _LONGEST_DETAILS)} if level == "error" else {}
        return [_message("message", text=text, **details, status=_STATUSES.get(level, "NORMAL"))]

    def concluded(self, level: str, title: str, reason: str) -> Sequence[Act]:
        """A build problem, which makes the build red; a red that is tolerated only adds to the build's status."""
        if not self._inside:
            return []
        if level == "error":
            told = cut(f"{one_line(title)}: {clean(reason)}", _LONGEST_PROBLEM)
            return [_message("buildProblem", description=told, identity=_identity(title, reason))]
        if level == "warning":
            return [_message("buildStatus", text=f"{{build.status.text}}; {one_line(title)}: {one_line(reason)}")]
        return []

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Environment variables of the later steps; a name given again replaces the earlier value."""
        if not self._inside:
            return []
        fitting = {name: shortened(name, _inert(name, value), _LONGEST_VALUE) for name, value in values.items()}
        return [
            # TeamCity puts other parameters, passwords too, where a value says `%name%`; `%%` is a percent sign.
            _message("setParameter", name=f"env.{name}", value=value.replace("%", "%%"))
            for name, value in as_variables(fitting).items()
        ]

    def published(self, files: Mapping[str, str]) -> Sequence[Act]:
        """Import the JUnit report, by its path in the checkout directory; the agent reads it until the step ends."""
        path = files.get("junit-file", "")
        root = PurePosixPath(self._surroundings.root)
        if path.startswith("/") and PurePosixPath(path).is_relative_to(root):
            path = str(PurePosixPath(path).relative_to(root))
        return [_message("importData", type="junit", path=path)] if path and self._inside else []

    @property
    def _inside(self) -> bool:
        """Whether this is a step of a build."""
        return bool(self._get("TEAMCITY_VERSION"))


def _branch(ref: str) -> str:
    """The name that people know a branch by; TeamCity calls the default one `<default>`."""
    return next((ref.removeprefix(prefix) for prefix in _REFS if ref.startswith(prefix)), ref.strip("<>"))


def _identity(title: str, reason: str) -> str:
    """A name for the problem that is the same from build to build: numbers do not count."""
    told = re.sub(r"\d+", "0", f"{title}\n{reason}")
    return f"TestGate_{hashlib.sha256(told.encode('utf-8', errors='replace')).hexdigest()[:40]}"


def _inert(name: str, value: str) -> str:
    """The value without commands, since a later step may print it; a percent sign is spelt as JSON allows."""
    value = clean(value)
    if name in JSON_LISTS:
        return value.replace("##", "#\\u0023").replace("%", "\\u0025")
    return broken_anywhere(value, FOREIGN)


def _message(kind: str, /, **attributes: str) -> Print:
    """A service message."""
    told = "".join(f" {attribute}='{_escaped(value)}'" for attribute, value in attributes.items())
    return Print(f"##teamcity[{kind}{told}]")


def _escaped(text: str) -> str:
    """A value in its quotes; only ASCII, since the agent reads the log in the encoding of its machine."""
    return _ESCAPED.sub(lambda found: "".join(_units(found.group())), text)


def _units(sign: str) -> Iterator[str]:
    """A sign as TeamCity spells it: what lies beyond 16 bits is two."""
    if sign in _ESCAPES:
        yield _ESCAPES[sign]
        return
    raw = sign.encode("utf-16-be", errors="surrogatepass")
    for place in range(0, len(raw), 2):
        yield f"|0x{raw[place : place + 2].hex().upper()}"

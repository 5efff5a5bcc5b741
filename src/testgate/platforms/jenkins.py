"""Jenkins: words in the log, and a properties file besides the one for shells.

Facts from Jenkins' documentation and source, and the grammar from `java.util.Properties`.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from testgate.gate.outputs import as_variables
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import clean

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}  # of cleaned text
_REFS = ("refs/remotes/", "refs/heads/", "origin/")


class Jenkins(Words):
    """Says things in words; its log has neither folds nor a page."""

    name = "jenkins"

    @property
    def build(self) -> Build:
        """The job and its number; a build that is run again has a new number."""
        get = self._get
        number, job = get("BUILD_NUMBER"), unquote(get("JOB_NAME"))
        branch = get("CHANGE_BRANCH") or get("BRANCH_NAME") or _branch(get("GIT_BRANCH"))
        return described(
            run=number,
            job=get("BUILD_TAG") or f"{job}-{number}",
            url=get("BUILD_URL"),
            # In a multibranch project the branch is the last part of the job's name.
            name=job.removesuffix(f"/{branch}"),
            number=number,
            branch=branch,
            commit=get("GIT_COMMIT"),
        )

    @property
    def hint(self) -> str:
        """Nothing of the build is inside a container unless it is named."""
        if self._get("BUILD_NUMBER"):
            return ""
        return (
            "the build's variables are not here, so it is not known. Name them in `docker run`: -e BUILD_NUMBER "
            "-e BUILD_TAG -e BUILD_URL -e JOB_NAME -e BRANCH_NAME -e CHANGE_BRANCH -e GIT_BRANCH -e GIT_COMMIT"
        )

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Lines for a shell, and properties for `readProperties` and EnvInject."""
        return {**super().files(values), "outputs.properties": _properties(values)}


def _branch(ref: str) -> str:
    """The name of the branch that the Git plugin tells of, without its remote; "" for a commit on no branch."""
    for prefix in _REFS:
        ref = ref.removeprefix(prefix)
    return "" if ref == "detached" else ref


def _properties(values: Mapping[str, str]) -> str:
    """Lines `NAME=value` that Java loads as properties, whatever the values hold.

    Only what must be escaped is: in a value `=`, `:`, `#` and `!` stand for themselves.
    """
    lines = (f"{name}={_escaped(clean(value))}\n" for name, value in as_variables(values).items())
    return "".join(lines)


def _escaped(value: str) -> str:
    """The value in ASCII: Java reads the bytes as Latin-1. Blanks before it would be skipped."""
    text = "".join(_ESCAPES.get(sign) or (sign if sign.isascii() else _in_units(sign)) for sign in value)
    return f"\\{text}" if text[:1] == " " else text


def _in_units(sign: str) -> str:
    r"""A sign beyond ASCII as `\uXXXX`, or as two where it needs two units of UTF-16."""
    units = sign.encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))

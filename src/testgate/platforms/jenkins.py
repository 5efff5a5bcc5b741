"""Jenkins: plain words in the log, and a properties file beside the one for shells.

Follows Jenkins's documentation and source, and the grammar of `java.util.Properties`.
"""

from collections.abc import Mapping
from urllib.parse import unquote

from testgate.gate.outputs import as_variables
from testgate.platforms.advice import check_the_secret, missing_variables
from testgate.platforms.builds import BuildFacts
from testgate.platforms.marks import utf16_units
from testgate.platforms.words import Words
from testgate.text import clean

_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n"}  # clean text has no other control characters
_REFS = ("refs/remotes/", "refs/heads/", "origin/")
_NEEDED = (
    "BUILD_NUMBER",
    "BUILD_TAG",
    "BUILD_URL",
    "JOB_NAME",
    "BRANCH_NAME",
    "CHANGE_BRANCH",
    "GIT_BRANCH",
    "GIT_COMMIT",
    "CHANGE_ID",
    "CHANGE_TARGET",
)


class Jenkins(Words):
    """Prints plain words: Jenkins's log has no groups, and its build page shows no Markdown."""

    name = "jenkins"

    @property
    def _facts(self) -> BuildFacts:
        """The job and its number; a rerun build has a new number."""
        get = self._get
        number, job = get("BUILD_NUMBER"), unquote(get("JOB_NAME"))
        branch = get("CHANGE_BRANCH") or get("BRANCH_NAME") or _branch(get("GIT_BRANCH"))
        return BuildFacts(
            run=number,
            job=get("BUILD_TAG") or f"{job}-{number}",
            url=get("BUILD_URL"),
            # In a multibranch project, the job's name ends with the branch.
            name=job.removesuffix(f"/{branch}"),
            number=number,
            branch=branch,
            commit=get("GIT_COMMIT"),
            target=get("CHANGE_TARGET"),
            change=get("CHANGE_ID"),
        )

    @property
    def hint(self) -> str:
        """A container has only the variables that it was passed."""
        if self._get("BUILD_NUMBER"):
            return ""
        return missing_variables("build", *_NEEDED)

    @property
    def secrets_place(self) -> str:
        """Where Jenkins keeps credentials."""
        passing = "the stage binds it, as in `environment { TESTGATE_API_KEY = credentials('NAME') }`, and passes it on"
        return check_the_secret("Manage Jenkins > Credentials", passing)

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """`outputs.env` for a shell, and `outputs.properties` for `readProperties` and EnvInject."""
        return {**super().files(values), "outputs.properties": _properties(values)}


def _branch(ref: str) -> str:
    """The branch that the Git plugin names, without its remote; "" for a commit that is on no branch."""
    for prefix in _REFS:
        ref = ref.removeprefix(prefix)
    return "" if ref == "detached" else ref


def _properties(values: Mapping[str, str]) -> str:
    """Lines `NAME=value` that Java loads as properties, whatever the values contain.

    Only what needs an escape gets one: inside a value, `=`, `:`, `#` and `!` are ordinary characters.
    """
    lines = (f"{name}={_escaped(clean(value))}\n" for name, value in as_variables(values).items())
    return "".join(lines)


def _escaped(value: str) -> str:
    """The value in ASCII, as Java reads the bytes as Latin-1. It would skip leading whitespace."""
    text = "".join(_ESCAPES.get(each) or (each if each.isascii() else _unicode(each)) for each in value)
    return f"\\{text}" if text[:1] == " " else text


def _unicode(character: str) -> str:
    r"""A character beyond ASCII as `\uXXXX`, or as two of these."""
    return "".join(f"\\u{unit}" for unit in utf16_units(character))

"""Drone, and Harness CI, which descends from it; Harness has a file for outputs.

Follows Harness's lite-engine, which reads that file with two libraries of its own: an older one line by line, a newer
one statement by statement. What is written means the same to both.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act
from testgate.gate.outputs import as_variables
from testgate.platforms.advice import check_the_secret, missing_variables
from testgate.platforms.builds import BuildFacts
from testgate.platforms.limits import JSON_LISTS, in_bytes, shorter_list
from testgate.platforms.marks import BREAK
from testgate.platforms.words import Words
from testgate.text import clean

_LONGEST_VALUE = 60_000  # in bytes; the older library takes nothing from a file with a line of 64 KiB
_OF_HARNESS = ("HARNESS_BUILD_ID", "HARNESS_EXECUTION_ID", "HARNESS_PIPELINE_ID")
# JSON has these characters in strings only, where they can be spelled without the character itself.
_SPELLED = str.maketrans({"'": "\\u0027", "#": "\\u0023", "<": "\\u003c"})
_EXPRESSION = "<+"  # Harness evaluates it in everything that a step is given
_NEEDED = (
    "DRONE",
    "DRONE_BUILD_NUMBER",
    "DRONE_BUILD_LINK",
    "DRONE_BUILD_EVENT",
    "DRONE_REPO",
    "DRONE_STAGE_NUMBER",
    "DRONE_BRANCH",
    "DRONE_SOURCE_BRANCH",
    "DRONE_COMMIT_SHA",
    "DRONE_STAGE_NAME",
    "DRONE_REPO_BRANCH",
    "DRONE_TARGET_BRANCH",
    "DRONE_PULL_REQUEST",
)


class Drone(Words):
    """Prints plain words; on Harness, outputs go to its file."""

    name = "drone"

    @property
    def _facts(self) -> BuildFacts:
        """The build; a restarted one has a new number."""
        get = self._get
        number = get("DRONE_BUILD_NUMBER") or get("HARNESS_BUILD_ID")
        stage = get("DRONE_STAGE_NUMBER") or get("HARNESS_STAGE_ID")
        change = get("DRONE_PULL_REQUEST")
        # The steps of a stage share its files. A looping stage runs several times.
        job = (get("HARNESS_EXECUTION_ID") or get("DRONE_REPO"), number, stage, get("HARNESS_STAGE_INDEX"))
        return BuildFacts(
            run=number,
            job="/".join(filter(None, job)),
            url=get("DRONE_BUILD_LINK") or get("CI_BUILD_LINK"),
            name=get("HARNESS_PIPELINE_ID") or get("DRONE_REPO"),
            number=number,
            branch=get("DRONE_SOURCE_BRANCH") or get("DRONE_BRANCH") or get("DRONE_TAG"),
            commit=get("DRONE_COMMIT_SHA"),
            job_name=get("DRONE_STAGE_NAME"),
            target=(change and get("DRONE_TARGET_BRANCH")) or get("DRONE_REPO_BRANCH"),
            change=change,
        )

    @property
    def _is_harness(self) -> bool:
        """True on Harness; Drone sets none of its variables."""
        return any(map(self._get, _OF_HARNESS))

    @property
    def hint(self) -> str:
        """A container that a script starts has only the variables that it was passed."""
        if not (self._get("DRONE_BUILD_NUMBER") or self._get("HARNESS_BUILD_ID")):
            return missing_variables("build", *_NEEDED, image_of="step")
        if self._is_harness and not self._get("DRONE_OUTPUT"):
            return (
                "Harness gives this step no file for outputs (DRONE_OUTPUT), so they are written to the report "
                "directory only. Run the image in a Plugin step; in a Run step, pass -e DRONE_OUTPUT to `docker run` "
                "and mount the folder of that file"
            )
        return ""

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """Return True for every pull request: whether it gets a secret is a setting of the secret."""
        return not self._is_harness and self._get("DRONE_BUILD_EVENT") == "pull_request"

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Drone gives a secret to pull requests only if it was saved that way. Harness withholds none."""
        if not self.from_fork(_read):
            return ""
        return (
            "Drone gives a secret to pull requests only if it was saved with that permission. "
            "For these, skip the step:  when: {event: {exclude: [pull_request]}}"
        )

    @property
    def secrets_place(self) -> str:
        """Where Drone and Harness keep secrets."""
        where = "the project's Secrets" if self._is_harness else "the repository's Settings > Secrets"
        passing = "the step has `<+secrets.getValue(...)>`" if self._is_harness else "the step has `from_secret`"
        return check_the_secret(where, passing)

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of output variables. A later line replaces an earlier one of its name."""
        texts = [_as_json(value) if name in JSON_LISTS else _as_text(value) for name, value in values.items()]
        lines = "".join(f"{name}='{text}'\n" for name, text in zip(as_variables(values), texts, strict=True))
        # The last line of the file may have no line break; both libraries skip blank lines.
        return self._append("DRONE_OUTPUT", lines and f"\n{lines}")


def _as_text(value: str) -> str:
    """The words on one line, ready for single quotes: both libraries expand nothing inside them.

    Neither can escape a single quote there, so it becomes a typographic one. So does a double quote if the text also
    has a number sign, before which the older library would see the end of the text.
    """
    text = clean(value).replace("\n", " ").replace("'", "\u2019").replace(_EXPRESSION, f"<{BREAK}+")
    if "#" in text:
        text = text.replace('"', "\u201d")
    text = in_bytes(text, _LONGEST_VALUE)
    return f"{text} " if text.endswith("\\") else text  # the newer library would see an escaped quote


def _as_json(value: str) -> str:
    """The same list without the characters that mean something in the file; items that don't fit are left out."""
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        return _as_text(value)
    return shorter_list(json.dumps(items).translate(_SPELLED), _LONGEST_VALUE)

"""Drone, and Harness CI, which descends from it: words in the log, and a file of outputs where Harness gives one.

Facts from Harness' lite-engine, which reads that file with libraries of its own: an older one line
by line, a newer one statement by statement. What is written means the same to both.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Append
from testgate.gate.outputs import as_variables
from testgate.platforms.limits import JSON_LISTS, shorter_list
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import clean

_LONGEST_VALUE = 60_000  # a line of 64 KiB, and the older reader takes nothing of the file
_OF_HARNESS = ("HARNESS_BUILD_ID", "HARNESS_EXECUTION_ID", "HARNESS_PIPELINE_ID")
# In JSON these stand in strings only, where they can be spelt without the sign itself.
_SPELT = str.maketrans({"'": "\\u0027", "#": "\\u0023", "<": "\\u003c"})
_EXPRESSION = "<+"  # of Harness, in whatever a step is given


class Drone(Words):
    """Says things in words; to Harness it hands outputs too."""

    name = "drone"

    @property
    def build(self) -> Build:
        """The build; one that is started again has a new number."""
        get = self._get
        number = get("DRONE_BUILD_NUMBER") or get("HARNESS_BUILD_ID")
        stage = get("DRONE_STAGE_NUMBER") or get("HARNESS_STAGE_ID")
        # Steps of a stage share its files; of a stage that is looped over there are several.
        job = (get("HARNESS_EXECUTION_ID") or get("DRONE_REPO"), number, stage, get("HARNESS_STAGE_INDEX"))
        return described(
            run=number,
            job="/".join(filter(None, job)),
            url=get("DRONE_BUILD_LINK") or get("CI_BUILD_LINK"),
            name=get("HARNESS_PIPELINE_ID") or get("DRONE_REPO"),
            number=number,
            branch=get("DRONE_SOURCE_BRANCH") or get("DRONE_BRANCH") or get("DRONE_TAG"),
            commit=get("DRONE_COMMIT_SHA"),
        )

    @property
    def _is_harness(self) -> bool:
        """Whether this is Harness; Drone has none of its variables."""
        return any(map(self._get, _OF_HARNESS))

    @property
    def hint(self) -> str:
        """A container that a step started itself knows only what it was given."""
        if not (self._get("DRONE_BUILD_NUMBER") or self._get("HARNESS_BUILD_ID")):
            return (
                "the build's variables are not here, so it is not known. Use the image as the step's `image`, or name "
                "them in `docker run`: -e DRONE -e DRONE_BUILD_NUMBER -e DRONE_BUILD_LINK -e DRONE_BUILD_EVENT "
                "-e DRONE_REPO -e DRONE_STAGE_NUMBER -e DRONE_BRANCH -e DRONE_SOURCE_BRANCH -e DRONE_COMMIT_SHA"
            )
        if self._is_harness and not self._get("DRONE_OUTPUT"):
            return (
                "Harness gives this step no file for outputs (DRONE_OUTPUT), so they are only in the report directory. "
                "Run the image in a Plugin step; in a Run step, `docker run` needs -e DRONE_OUTPUT and its folder"
            )
        return ""

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Drone gives a secret to pull requests only where it was saved so; Harness withholds none."""
        if self._is_harness or self._get("DRONE_BUILD_EVENT") != "pull_request":
            return ""
        return (
            "Drone gives a secret to pull requests only where it was saved with that permission. "
            "Leave the step out there:  when: {event: {exclude: [pull_request]}}"
        )

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of the step's output variables; a later line of a name replaces the earlier."""
        path = self._environ.get("DRONE_OUTPUT", "")
        texts = [_as_json(value) if name in JSON_LISTS else _as_text(value) for name, value in values.items()]
        lines = "".join(f"{name}='{text}'\n" for name, text in zip(as_variables(values), texts, strict=True))
        # The line before may lack its end; blank lines are skipped.
        return [Append(path, f"\n{lines}")] if path and lines else []


def _as_text(value: str) -> str:
    """Words on one line, for single quotes, in which neither reader expands anything.

    Neither knows how to write such a quote in them, so it becomes a typographic one. So does a
    double quote where the older reader takes it for the end of the text before a number sign.
    """
    text = clean(value).replace("\n", " ").replace("'", "\u2019").replace(_EXPRESSION, "<\u200b+")
    if "#" in text:
        text = text.replace('"', "\u201d")
    text = text.encode()[:_LONGEST_VALUE].decode(errors="ignore")
    return f"{text} " if text.endswith("\\") else text  # to the newer reader it would escape the quote


def _as_json(value: str) -> str:
    """The same list, without the signs that mean something in the file; what is too much for a line is left out."""
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        return _as_text(value)
    return shorter_list(json.dumps(items).translate(_SPELT), _LONGEST_VALUE)

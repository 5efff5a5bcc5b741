"""The facts about a CI that the tests of all CIs need."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.support.step import Left


class Finished(NamedTuple):
    """A step that ran in a CI: what it left, and the environment that it had."""

    left: Left
    environ: Mapping[str, str]

    @property
    def lines(self) -> list[str]:
        """The lines of the log, however they end."""
        return re.split("\r\n|\r|\n", self.left.log)

    def own_file(self, variable: str) -> str:
        """The text of the CI's own file that this variable names."""
        return Path(self.environ[variable]).read_text(encoding="utf-8")

    def calls(self, program: str) -> list[str]:
        """The recorded calls of a program of the CI, one JSON text per call: its arguments, and its input."""
        return (self.left.folder / f"{program}.calls").read_text(encoding="utf-8").splitlines()


class Dialect(NamedTuple):
    """The facts of one CI.

    `outputs` reads a finished step as the CI does, checks the rest of its log and files, and returns the variables of
    later steps. `own_files` are the variables that name files to append to, `workspace` those that name the workspace.
    `programs` are on PATH in a usual job. `own_marks` matches what only the adapter itself may write. `schema` is the
    schema of the CI's pipelines in check-jsonschema, if the CI's name isn't enough to find it.
    """

    outputs: Callable[[Finished], Mapping[str, str]]
    own_files: Sequence[str] = ()
    workspace: Sequence[str] = ()
    programs: Sequence[str] = ()
    own_marks: re.Pattern[str] = re.compile(r"(?!)")
    schema: str = ""

    def placed(self, environ: Mapping[str, str], folder: Path) -> dict[str, str]:
        """The environment, moved to a folder of this machine."""
        files = {name: str(folder / name.lower()) for name in self.own_files if name in environ}
        return {**environ, **files, **{name: str(folder) for name in self.workspace if name in environ}}

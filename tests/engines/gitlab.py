"""Plays GitLab pipelines in `gitlab-ci-local`: the files to paste, letter by letter."""

import contextlib
import json
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.engines.stage import Played, Running, Stage, expect
from tests.support.step import KEY

PROGRAM = "gitlab-ci-local"
IMAGES = (
    "firecow/gitlab-ci-local-util:latest",
    "alpine:3",
)  # what the engine copies files with; what the pipeline uses
_PIPELINE = ".gitlab-ci.yml"


class GitLab:
    """A project on GitLab, whose pipelines are played."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def play(
        self, pipeline: str, environ: Mapping[str, str] | None = None, more: Mapping[str, str] | None = None
    ) -> Played:
        """Play a pipeline to its end. `environ` are variables of all jobs, `more` other files of the project."""
        return self.stage.play(self._command(pipeline, environ or {}, more or {}))

    @contextlib.contextmanager
    def started(self, pipeline: str, more: Mapping[str, str] | None = None) -> Iterator[Running]:
        """Play a pipeline, and act meanwhile."""
        with self.stage.started(self._command(pipeline, {}, more or {})) as running:
            yield running

    def signal(self, name: str) -> None:
        """Send a signal to the first process of the job's container, as the runner does."""
        held = self._docker("ps", "--quiet", f"--filter=volume={self.stage.share}").split()
        expect("containers with the folder that only this project's jobs have", len(held), 1)
        self._docker("kill", f"--signal={name}", *held)

    def outputs(self, job: str = "testgate", folder: str = "testgate-report") -> Mapping[str, Any]:
        """The outputs in a job's artifacts."""
        text = (self._artifacts / job / folder / "outputs.json").read_text(encoding="utf-8")
        return {name.removeprefix("TESTGATE_OUT_"): value for name, value in json.loads(text).items()}

    def dotenv(self) -> Mapping[str, str]:
        """The variables that the dotenv report hands on."""
        text = (self._artifacts / "testgate" / "testgate-report" / "outputs.env").read_text(encoding="utf-8")
        return dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))

    @property
    def _artifacts(self) -> Path:
        """Where the engine keeps the artifacts of each job."""
        return self.stage.repository / ".gitlab-ci-local" / "artifacts"

    def _docker(self, *arguments: str) -> str:
        """Run docker and return what it prints."""
        command = ["docker", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True, env=self.stage.environ).stdout

    def _command(self, pipeline: str, environ: Mapping[str, str], more: Mapping[str, str]) -> Sequence[str]:
        """The arguments of gitlab-ci-local, after the pipeline was committed."""
        self.stage.commit({_PIPELINE: pipeline, **more})
        given = {"TESTGATE_API_KEY": KEY, "TESTGATE_BASE_URL": self.stage.vendor.url, **environ}
        variables = {"GITLAB_CI": "true", **{name: value for name, value in given.items() if value}}
        return [
            *(PROGRAM, "--pull-policy=if-not-present", "--network=host", f"--volume={self.stage.share}:/share"),
            *(f"--variable={name}={value}" for name, value in variables.items()),
        ]

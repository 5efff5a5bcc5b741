"""Plays GitHub workflows in `act`: the files to paste, letter by letter, with stand-ins for what they would fetch."""

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.engines.stage import ROOT, Played, Running, Stage
from tests.forges.standins import TOKEN
from tests.support.step import KEY

PROGRAM = "act"
# Images for jobs, the best first: bash, git and Node are in each. Somebody without a registry makes the last one.
JOB_IMAGES = ("catthehacker/ubuntu:act-latest", "node:24-bookworm", "localhost/job:latest")
ACTION_IMAGE = "act-your-org-testgate-main-dockeraction:latest"  # as act calls what it builds for the action
_ACTIONS = Path(__file__).parent / "actions"
_USED = re.compile(r"uses: (\S+)@(\S+)")
_WORKFLOW = ".github/workflows/testgate.yml"
_EVENT = "event.json"


def checkout(folder: Path) -> Path:
    """Copy what the action is made of into a folder, as a runner would fetch it; returns the folder."""
    parts = (
        "action.yml",
        "Dockerfile",
        ".dockerignore",
        "LICENSE",
        "entrypoint.py",
        "requirements.txt",
        "image",
        "src",
    )
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *parts], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in filter(None, listed.split("\0")):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    return folder


class GitHub:
    """A repository on GitHub, whose workflows are played. `action` is a folder with the files of the action.

    `rebuild` lets act build the image from the Dockerfile, and not take the one that has its name.
    """

    def __init__(self, stage: Stage, action: Path, job_image: str, *, rebuild: bool = False) -> None:
        self.stage = stage
        self._action = action
        self._job_image = job_image
        self._rebuild = rebuild

    def on_host(self) -> "GitHub":
        """The same repository, with jobs that run without a container."""
        return GitHub(self.stage, self._action, "-self-hosted")

    def building(self) -> "GitHub":
        """The same repository, where act builds the action's image from its Dockerfile."""
        return GitHub(self.stage, self._action, self._job_image, rebuild=True)

    def play(
        self,
        workflow: str,
        *,
        environ: Mapping[str, str] | None = None,
        event: str = "push",
        more: Mapping[str, str] | None = None,
    ) -> Played:
        """Play a workflow to its end. `environ` are variables of all jobs, `more` other files of the repository."""
        return self.stage.play(self._command({_WORKFLOW: workflow, **(more or {})}, environ or {}, event))

    @contextlib.contextmanager
    def started(self, workflow: str) -> Iterator[Running]:
        """Play a workflow, and act meanwhile."""
        with self.stage.started(self._command({_WORKFLOW: workflow}, {}, "push")) as running:
            yield running

    def outputs(self, artifact: str = "testgate-report") -> Mapping[str, Any]:
        """The outputs in an artifact."""
        text = (self.stage.share / "artifacts" / artifact / "outputs.json").read_text(encoding="utf-8")
        return {name.removeprefix("TESTGATE_OUT_"): value for name, value in json.loads(text).items()}

    def artifacts(self) -> list[str]:
        """The names of all artifacts."""
        folder = self.stage.share / "artifacts"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def _command(self, files: Mapping[str, str], environ: Mapping[str, str], event: str) -> Sequence[str]:
        """The arguments of act, after the workflow and the other files were committed."""
        change = {"number": 12, "head": {"ref": "feature"}, "base": {"ref": "main"}}
        payload = json.dumps({"number": 12, "pull_request": change})
        self.stage.commit({**files, **({_EVENT: payload} if event == "pull_request" else {})})
        variables = {"TESTGATE_BASE_URL": self.stage.vendor.url, **environ}
        return [
            *(PROGRAM, event, f"--workflows={_WORKFLOW}", "--rm", "--pull=false", "--action-offline-mode"),
            *(["--eventpath", _EVENT] if event == "pull_request" else []),
            *("--platform", f"ubuntu-latest={self._job_image}", "--platform", f"docker={self._job_image}"),
            *("--container-daemon-socket=-", f"--container-options=-v {self.stage.share}:/share"),
            *("--no-cache-server", f"--rebuild={str(self._rebuild).lower()}"),
            *(f"--secret=TESTGATE_API_KEY={KEY}", f"--secret=GITHUB_TOKEN={TOKEN}"),
            *(f"--env={name}={value}" for name, value in variables.items()),
            *(f"--local-repository={used}={folder}" for used, folder in self._fetched("".join(files.values())).items()),
        ]

    def _fetched(self, workflows: str) -> dict[str, Path]:
        """The folder of each repository that the workflows use."""
        found = {}
        for name, ref in _USED.findall(workflows):
            owner, repository = name.split("/")[:2]
            where = self._action if repository == "testgate" else _ACTIONS / repository
            found[f"{owner}/{repository}@{ref}"] = where
        return found

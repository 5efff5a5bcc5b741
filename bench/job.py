"""Measures what TestGate costs a CI job before its trigger: pull, start, and whole jobs in act, GitHub's stand-in.

    PYTHONPATH=src python -m bench.job --job-image NAME             about ten minutes; nothing else should run meanwhile
    PYTHONPATH=src python -m bench.job --only pulls,starts

It measures the last commit. It needs Linux, docker, and `docker-registry` (Debian packages it), which it starts on the
loopback device. Pulls need root: they go into a daemon of their own that has no image. Jobs need act, and an image
with bash, Node, and Python as `python3`; the composite action fetches from the index that pip has there. What is
started and built is ended and removed.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from bench import startup
from bench.serving import daemon, docker_host, line, ran, registry, took

_READY_SECONDS = 30.0
_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_LABEL = "testgate-bench"
_ACT_IMAGE = "act-bench-testgate-main-dockeraction:latest"  # as act calls what it builds for bench/testgate@main
_STAGE = re.compile(r"^(FROM .*)$", re.MULTILINE)
_NOTHING = "name: nothing\ndescription: one step\nruns: {using: composite, steps: [{run: 'true', shell: bash}]}\n"
_NODE = "name: node\ndescription: one line\nruns: {using: node20, main: index.js}\n"
_DRY = {"API_KEY": "a-key-that-opens-nothing", "TEST_PLAN_ID": "274", "DRY_RUN": "true"}
_ON_HOST = {"PYTHON": "python3", "CACHE": "false"}
_JOBS = {
    "an empty step: act's own": 'run: "true"',
    "a Node action of one line": "uses: bench/node@main",
    "the published image, on the machine": "uses: docker://{image}",
    "an empty composite action beside it": "uses: bench/testgate/nothing@main",
    "composite, wheels from the index": "uses: bench/testgate/composite@main",
    "composite, wheels kept": "uses: bench/testgate/composite@main",
    "Dockerfile, nothing built yet": "uses: bench/testgate@main",
    "Dockerfile, built before": "uses: bench/testgate@main",
}
Found = dict[str, list[float]]


class Bench(NamedTuple):
    """Where to measure: a folder for everything that is written, the registry, the image of jobs, and the rounds."""

    root: Path
    registry: str
    job_image: str
    rounds: int

    def image(self, release: int = 1) -> str:
        """The name of a release in the registry."""
        return f"{self.registry}/testgate:{release}"


def main() -> int:
    """Measure and print, and remove what was made."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (default: 5)")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[*PARTS], help=", ".join(PARTS))
    parser.add_argument("--job-image", default="localhost/job:latest", help="the image of act's jobs")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, contextlib.ExitStack() as stack:
        root = Path(folder)
        bench = Bench(root, stack.enter_context(registry(root)), given.job_image, given.rounds)
        stack.callback(removed, bench)
        released(bench)
        print("Layers, compressed, in bytes:", *layers(bench))
        for part in given.only:
            for name, values in PARTS[part](bench).items():
                print(f"{name:40}{median(values):8.2f}{min(values):8.2f}{max(values):8.2f}", flush=True)
    return 0


def layers(bench: Bench) -> list[int]:
    """The compressed bytes of each layer."""
    url = f"http://{bench.registry}/v2/testgate/manifests/1"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": _MANIFEST})) as answer:
        return [layer["size"] for layer in json.load(answer)["layers"]]


def released(bench: Bench) -> None:
    """Build and push two releases, which differ in the program alone."""
    ran(["git", "-C", str(startup.ROOT), "archive", f"--output={bench.root}/checkout.tar", "HEAD"])
    shutil.unpack_archive(bench.root / "checkout.tar", bench.root / "testgate")
    for release in (1, 2):
        with (bench.root / "testgate/src/testgate/__init__.py").open("a", encoding="utf-8") as program:
            program.write(f"# release {release}\n")
        marked(bench, "release")
        ran(["docker", "build", "--quiet", "--force-rm", "--tag", bench.image(release), str(bench.root / "testgate")])
        ran(["docker", "push", "--quiet", bench.image(release)])


def marked(bench: Bench, mark: str) -> None:
    """Label each stage of the image: a new mark lets nothing be taken from an earlier build."""
    path = bench.root / "testgate/Dockerfile"
    text = re.sub(rf"\nLABEL {_LABEL}=.*", "", path.read_text(encoding="utf-8"))
    path.write_text(_STAGE.sub(rf"\1\nLABEL {_LABEL}={bench.root.name}-{mark}", text), encoding="utf-8")


def removed(bench: Bench) -> None:
    """Remove what was built."""
    for name in (bench.image(1), bench.image(2), _ACT_IMAGE):
        subprocess.run(["docker", "rmi", "--force", name], capture_output=True, check=False)  # noqa: S607
    for mark in ("release", *map(str, range(bench.rounds))):
        ran(["docker", "image", "prune", "--force", f"--filter=label={_LABEL}={bench.root.name}-{mark}"])


def pulls(bench: Bench) -> Found:
    """Pulls into a daemon that has no image, and into one that has the release before."""
    found: Found = {}
    with daemon(bench.root, bench.registry) as host:
        docker = ["docker", "--host", host]
        for _ in range(bench.rounds):
            found.setdefault("pull, nothing there", []).append(took([*docker, "pull", bench.image(1)]))
            found.setdefault("pull, the release before there", []).append(took([*docker, "pull", bench.image(2)]))
            ran([*docker, "rmi", bench.image(1), bench.image(2)])
    return found


def starts(bench: Bench) -> Found:
    """From `docker run` to the end of /bin/true, to the first line of --version, and to the trigger."""
    found: Found = {}
    name = f"{_LABEL}-{os.getpid()}"
    run = ["docker", "run", "--rm", "--network=host", f"--name={name}"]
    passed = [f"--env=TESTGATE_{each}" for each in ("API_KEY", "BASE_URL", "TEST_PLAN_ID")]
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_READY_SECONDS)
        for _ in range(bench.rounds):
            true = took([*run, "--entrypoint=/bin/true", bench.image()])
            found.setdefault("start to the end of /bin/true", []).append(true)
            found.setdefault("start to the line of --version", []).append(line([*run, bench.image(), "--version"]))
            inputs = {**startup.CODED, **docker_host()}
            trigger = startup.trigger_seconds([*run, *passed, bench.image()], server, str(bench.root), inputs)
            found.setdefault("start to the trigger", []).append(trigger)
            ran(["docker", "rm", "--force", name])
    return found


def jobs(bench: Bench) -> Found:
    """Whole jobs in act, in turn, each of them with a single step."""
    found: Found = {}
    stand_ins(bench)
    for number in range(bench.rounds):
        marked(bench, str(number))
        for name, step in _JOBS.items():
            kept = name == "composite, wheels kept"
            found.setdefault(name, []).append(played(bench, step.format(image=bench.image()), kept=kept))
    return found


def stand_ins(bench: Bench) -> None:
    """What the jobs use besides TestGate, a repository to play in, and the wheels that a cache would bring back."""
    node, nothing = bench.root / "node", bench.root / "testgate/nothing"
    for folder, text in ((node, _NODE), (nothing, _NOTHING)):
        folder.mkdir()
        (folder / "action.yml").write_text(text, encoding="utf-8")
    (node / "index.js").write_text("console.log('hello')\n", encoding="utf-8")
    ran(["git", "init", "--quiet", "--initial-branch=main", str(bench.root / "repository")])
    fetch = "python3 -m pip download --quiet --dest=/wheels --no-deps --only-binary=:all: -r /lock"
    mounts = [f"--volume={bench.root}/wheels:/wheels", f"--volume={startup.ROOT}/requirements.txt:/lock:ro"]
    ran(["docker", "run", "--rm", "--network=host", *mounts, bench.job_image, "bash", "-c", fetch])


def played(bench: Bench, step: str, *, kept: bool) -> float:
    """Seconds of a job with this step in act."""
    path = bench.root / "repository/job.yml"
    path.write_text(
        f"on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - {step}\n", encoding="utf-8"
    )
    variables = _DRY | (_ON_HOST if "composite" in step else {})
    used = re.findall(r"uses: (actions/\S+)", (startup.ROOT / "composite/action.yml").read_text(encoding="utf-8"))
    places = {f"bench/{name}@main": name for name in ("node", "testgate")} | dict.fromkeys(used, "testgate/nothing")
    command = [
        *("act", "push", "--workflows=job.yml", "--rm", "--pull=false", "--action-offline-mode", "--no-cache-server"),
        *("--container-daemon-socket=-", f"--platform=ubuntu-latest={bench.job_image}", "--rebuild"),
        *(f"--local-repository={name}={bench.root / folder}" for name, folder in places.items()),
        *(f"--env=TESTGATE_{name}={value}" for name, value in variables.items()),
        *([f"--container-options=-v {bench.root}/wheels:/tmp/testgate-wheels"] if kept else []),
    ]
    home = {"HOME": str(bench.root), "PATH": os.environ["PATH"], **docker_host()}
    return took(command, cwd=bench.root / "repository", env=home)


PARTS: Mapping[str, Callable[[Bench], Found]] = {"pulls": pulls, "starts": starts, "jobs": jobs}

if __name__ == "__main__":
    sys.exit(main())

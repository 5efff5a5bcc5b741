"""The commands that `release/image` gives to docker, recorded by a stand-in."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.release.stage import BASE, checkout, write_program

DOCKER = """\
#!{python}
import json, os, pathlib, sys
arguments = sys.argv[1:]
with open(os.environ["FAKE_DOCKER"], "a") as log:
    log.write(json.dumps(arguments) + "\\n")
if arguments[:2] == ["image", "inspect"]:
    known = os.environ["FAKE_TRIED"] if arguments[-1] == "localhost/testgate:tried" else os.environ["FAKE_PULLED"]
    print(known)
    sys.exit(not known)
print(os.environ["FAKE_VERSION"] if arguments[0] == "run" else "noise")
if "--metadata-file" in arguments:
    path = pathlib.Path(arguments[arguments.index("--metadata-file") + 1])
    path.write_text(json.dumps({{"containerimage.digest": "sha256:" + "c" * 64}}))
"""


class Workbench:
    """A checkout with stand-ins for docker and for the trial of the image."""

    def __init__(self, root: Path, *, trial: int = 0) -> None:
        self._root, self._log = checkout(root / "checkout"), root / "docker.log"
        smoke = self._root / "tests" / "image" / "smoke.py"
        smoke.parent.mkdir(parents=True)
        smoke.write_text(f"raise SystemExit({trial})\n", encoding="utf-8")
        self._programs = root / "bin"
        self._programs.mkdir()
        write_program(self._programs / "docker", DOCKER.format(python=sys.executable))
        (self._programs / "python3").symlink_to(sys.executable)

    def image(self, verb: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        environ = {
            "PLATFORM": "linux/arm64",
            "BASE": f"{BASE}@sha256:{'d' * 64}",
            "IMAGE": "ghcr.io/somebody/testgate",
            "VERSION": "1.2.3",
            "SOURCE": "https://example.com/somebody/testgate",
            "REVISION": "e" * 40,
            "FAKE_DOCKER": str(self._log),
            "FAKE_TRIED": '["x"]',
            "FAKE_PULLED": '["x"]',
            "FAKE_VERSION": "1.2.3",
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
        }
        return subprocess.run(  # noqa: S603  # the project's own script
            [str(self._root / "release" / "image"), verb],
            env={**environ, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    def calls(self) -> list[list[str]]:
        """The arguments of each call of docker."""
        return [json.loads(line) for line in self._log.read_text(encoding="utf-8").splitlines()]


def test_an_image_is_tried_before_anything_is_pushed(tmp_path: Path) -> None:
    """The trial uses the given base and platform, pushes nothing, and marks an image that passed."""
    bench = Workbench(tmp_path)
    done = bench.image("try")
    assert done.returncode == 0, done.stderr
    (build,) = (call for call in bench.calls() if call[:2] == ["buildx", "build"])
    assert build[build.index("--platform") + 1] == "linux/arm64"
    assert build[build.index("--build-arg") + 1] == f"PYTHON_IMAGE={BASE}@sha256:{'d' * 64}"
    assert {"--load", "--provenance=false"} <= set(build)  # docker can't store attestations
    assert not [word for call in bench.calls() for word in call if "push" in word]
    assert bench.calls()[-1] == ["tag", "localhost/testgate:trial", "localhost/testgate:tried"]


def test_an_image_that_fails_its_trial_is_not_marked(tmp_path: Path) -> None:
    """Neither if the trial fails nor if the image prints another version."""
    failing, other = Workbench(tmp_path / "a", trial=1), Workbench(tmp_path / "b")
    assert failing.image("try").returncode != 0
    assert other.image("try", FAKE_VERSION="1.2.2").returncode != 0
    assert not [call for bench in (failing, other) for call in bench.calls() if call[0] == "tag"]


def test_only_what_was_tried_is_pushed(tmp_path: Path) -> None:
    """Without the mark of the trial, nothing is built or pushed."""
    bench = Workbench(tmp_path)
    assert bench.image("push", FAKE_TRIED="").returncode != 0
    assert [call[:2] for call in bench.calls()] == [["image", "inspect"]]


def test_a_push_prints_only_the_digest(tmp_path: Path) -> None:
    """SBOM and provenance are included, there is no tag, and docker's own output is left out."""
    bench = Workbench(tmp_path)
    done = bench.image("push")
    assert (done.returncode, done.stdout) == (0, f"sha256:{'c' * 64}\n"), done.stderr
    (build,) = (call for call in bench.calls() if call[:2] == ["buildx", "build"])
    assert {"--sbom=true", "--provenance=mode=max"} <= set(build)
    assert "--tag" not in build
    assert "push-by-digest=true" in build[build.index("--output") + 1]


def test_a_push_of_something_else_fails(tmp_path: Path) -> None:
    """If the layers in the registry differ from those that were tried, no digest is printed."""
    done = Workbench(tmp_path).image("push", FAKE_PULLED='["y"]')
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not what was tried" in done.stderr

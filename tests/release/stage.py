"""What the tests of the release share: the script as a module, a checkout that can be released, and stand-ins."""

import importlib.util
import io
import shutil
import stat
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
OLD, NEW = (f"ghcr.io/somebody/testgate@sha256:{digit * 64}" for digit in "ab")
BASE = "docker.io/library/python:3.13-slim-bookworm"
ACTION = (ROOT / "action.yml").read_text(encoding="utf-8")
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.2.3] - 2026-01-31

### Added

- A thing.

## [1.2.2] - 2026-01-30

- Old.
"""


def _load() -> Any:  # noqa: ANN401  # a script: it is in no package, so its types are not known here
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("testgate_release", ROOT / "release" / "release.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # NamedTuple looks up its module
    spec.loader.exec_module(module)
    return module


release = _load()


class Result(NamedTuple):
    """The result of a command of the script."""

    code: int
    out: str
    err: str


def run_script(root: Path, *arguments: str, tags: str = "") -> Result:
    """Run a command of the script."""
    out, err = io.StringIO(), io.StringIO()
    return Result(release.main(arguments, root, io.StringIO(tags), out, err), out.getvalue(), err.getvalue())


def checkout(root: Path, version: str = "1.2.3", changelog: str = CHANGELOG) -> Path:
    """Create a checkout that can be released: the files of this one, with another version and changelog."""
    package = root / "src" / "testgate"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(f'"""TestGate."""\n\n__version__ = "{version}"\n', encoding="utf-8")
    (root / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
    for name in ("action.yml", "Dockerfile"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "release", root / "release", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def write_program(path: Path, text: str) -> None:
    """Write an executable file."""
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)

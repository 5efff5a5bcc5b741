"""The passing of time changes nothing: what is installed is locked, what is fetched is pinned, nothing expires."""

import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.support.raw_server import CERTIFICATES

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", ".ci/requirements-audit.txt")
LINTER = ROOT / ".ci" / "actionlint"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
RUN_BY_US = [*(ROOT / name for name in ("Makefile", "Dockerfile")), *(ROOT / ".ci").glob("*"), *WORKFLOWS]
SCRIPTS = [path for path in [*RUN_BY_US, *(ROOT / "release").glob("*")] if path.is_file()]
PIPELINES = [path for path in (ROOT / "examples").rglob("*") if path.is_file()]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
EARLIEST_END = "2100"
PIP_INSTALL = re.compile(r"\bpip3?(?: --?[\w-]+(?:[= ][^\s-]\S*)?)* install\b")
FETCHES = re.compile(r"\bnpx\b|\bnpm (?:install|i|add|update|exec|x)\b|\b(?:curl|wget|pipx|uvx)\b|\buv tool\b")


def commands(path: Path) -> Iterator[str]:
    """The lines of a file, or of a page's blocks of code, joined where a backslash continues them; no comments."""
    text = path.read_text(encoding="utf-8")
    if path in PAGES:
        text = "\n".join(re.findall(r"^ *```.*?$(.*?)^ *```", text, re.DOTALL | re.MULTILINE))
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        if not line.lstrip().startswith("#"):
            yield line


def test_pip_installs_the_lock_and_resolves_nothing() -> None:
    """Every `pip install` of the project takes wheels with known hashes, and only what the lock lists."""
    installs = [
        line for path in [*SCRIPTS, *PIPELINES, *PAGES] for line in commands(path) if re.search(PIP_INSTALL, line)
    ]
    assert len(installs) >= 2
    for line in installs:
        assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(line.split()), line


def test_tools_are_fetched_by_their_hashes_only() -> None:
    """No script runs `npx`, installs with npm what isn't locked, or downloads a file by itself."""
    for path in SCRIPTS:
        for line in commands(path):
            assert not re.search(FETCHES, line), f"{path}: {line}"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(lock: str) -> None:
    """There are no ranges, no URLs and no packages without a hash."""
    entries = list(commands(ROOT / lock))
    assert entries
    for entry in filter(None, entries):
        assert re.fullmatch(r"[a-z0-9.-]+==\S+(?: ; .*?)?(?: +--hash=sha256:[0-9a-f]{64})+ *", entry), entry


def test_every_package_of_the_workflow_linter_has_a_hash() -> None:
    """The lock names no host; npm checks the content wherever it comes from."""
    lock = json.loads((LINTER / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name
    manifest = json.loads((LINTER / "package.json").read_text(encoding="utf-8"))
    assert lock["packages"][""]["devDependencies"] == manifest["devDependencies"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_run_on_a_named_release_of_their_system(path: Path) -> None:
    """A label like `ubuntu-latest` means another system one day."""
    text = path.read_text(encoding="utf-8")
    jobs = YAML(typ="safe", pure=True).load(text)["jobs"]
    assert jobs
    labels = {job["runs-on"] for job in jobs.values()} | set(re.findall(r"^[ -]+runner: (.*)$", text, re.MULTILINE))
    named = r"ubuntu-\d\d\.\d\d(?:-arm)?|macos-\d\d|windows-\d{4}|\$\{\{ matrix\.runner \}\}"
    assert all(re.fullmatch(named, label) for label in labels)


@pytest.mark.parametrize("path", sorted(CERTIFICATES.glob("*.pem")), ids=lambda path: path.name)
def test_certificates_of_the_tests_outlive_the_project(path: Path) -> None:
    """No certificate ends before the next century."""
    (certificate,) = re.findall(
        r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", path.read_text(encoding="utf-8"), re.DOTALL
    )
    der = ssl.PEM_cert_to_DER_cert(certificate)
    # Validity, in X.509, is a sequence of two times: UTCTime up to 2049, GeneralizedTime (with four digits) from 2050.
    ((_begin, end),) = re.findall(rb"\x17\x0d(\d{12})Z\x18\x0f(\d{14})Z", der)
    assert end.decode() > EARLIEST_END

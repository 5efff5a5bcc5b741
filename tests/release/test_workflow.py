"""The promises of `.github/workflows/release.yml`."""

import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from tests.release.stage import ROOT

WORKFLOW: Mapping[str, Any] = YAML(typ="safe", pure=True).load(ROOT / ".github" / "workflows" / "release.yml")
JOBS: Mapping[str, Any] = WORKFLOW["jobs"]
STEPS: Mapping[str, list[Mapping[str, Any]]] = {name: job["steps"] for name, job in JOBS.items()}


def place(job: str, words: str) -> int:
    """The index of the one step of a job that runs or uses this."""
    found = [number for number, step in enumerate(STEPS[job]) if words in step.get("run", "") + step.get("uses", "")]
    assert len(found) == 1, (job, words)
    return found[0]


def test_a_release_is_started_by_hand_and_alone() -> None:
    """Nothing else starts it, it has no inputs, and no second release runs beside it or cancels it."""
    assert WORKFLOW["on"] == {"workflow_dispatch": None}
    assert WORKFLOW["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_each_job_has_only_the_permissions_that_it_needs() -> None:
    """Only the job that tags can write to the repository, and only those that sign and upload have an identity."""
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "check": {"contents": "read"},
        "build": {"contents": "read", "packages": "write"},
        "publish": {"packages": "write", "id-token": "write", "attestations": "write"},
        "release": {"contents": "write", "actions": "read"},
        "pypi": {"actions": "read", "id-token": "write"},
        "move": {"contents": "read", "packages": "write"},
    }


def test_actions_are_pinned_by_commit() -> None:
    """Unlike a tag, a commit can't be moved; the version is for people. All workflows use the same one of an action."""
    pins: dict[str, str] = {}
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        lines = re.findall(r"^ *-? *uses: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert lines
        for line in lines:
            match = re.fullmatch(r"([\w-]+/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", line)
            assert match, line
            assert pins.setdefault(match[1], match[2]) == match[2]


def test_jobs_wait_for_each_other() -> None:
    """Check, build, publish, release and the last two run in this order, and none continues after a failure."""
    needs = {name: job.get("needs", []) for name, job in JOBS.items()}
    assert needs == {
        "check": [],
        "build": "check",
        "publish": ["check", "build"],
        "release": ["check", "publish"],
        "pypi": ["check", "release"],
        "move": ["check", "publish", "release"],
    }
    assert not [name for name, job in JOBS.items() if "if" in job or "continue-on-error" in job]
    assert not [step for steps in STEPS.values() for step in steps if "continue-on-error" in step]
    assert all(job["timeout-minutes"] <= 40 for job in JOBS.values())


def test_everything_is_checked_before_the_build() -> None:
    """The refusals come first, then all of CI, then the list of libraries."""
    wanted = ("release.py check", "imagetools inspect", ".ci/run", "make sbom", "make sdist")
    order = [place("check", words) for words in wanted]
    assert order == sorted(order)
    assert STEPS["check"][0]["with"]["fetch-depth"] == 0  # nothing could be refused without tags
    assert JOBS["check"]["outputs"].keys() == {"version", "minor", "major", "image", "base"}


def test_each_architecture_is_built_and_tried_on_its_own_machine() -> None:
    """Each has a runner and an output; the trial comes before the login, and the login before the push."""
    legs = JOBS["build"]["strategy"]["matrix"]["include"]
    assert legs == [
        {"platform": "linux/amd64", "architecture": "amd64", "runner": "ubuntu-24.04"},
        {"platform": "linux/arm64", "architecture": "arm64", "runner": "ubuntu-24.04-arm"},
    ]
    assert JOBS["build"]["outputs"].keys() == {leg["architecture"] for leg in legs}
    order = [place("build", words) for words in ("release/image try", "docker login", "release/image push")]
    assert order == sorted(order)
    script = (ROOT / "release" / "image").read_text(encoding="utf-8")
    assert set(re.findall(r"\$([A-Z_]+)", script)) == JOBS["build"]["env"].keys()


def test_the_image_is_signed_attested_and_verified_by_digest() -> None:
    """The tag is only used to learn the digest; the last step verifies the image as users do."""
    order = [
        place("publish", words) for words in ("imagetools create", "cosign sign", "actions/attest", "cosign verify")
    ]
    assert order == sorted(order)
    assert "$IMAGE@$DIGEST" in STEPS["publish"][order[1]]["run"]
    attest = STEPS["publish"][order[2]]["with"]
    assert attest["subject-digest"] == "${{ steps.join.outputs.digest }}"
    assert attest["push-to-registry"] is True


def test_the_whole_image_is_listed() -> None:
    """For each architecture, what its build found is a file of the release; without the base it would not be whole."""
    listing = STEPS["publish"][place("publish", ".SBOM")]["run"]
    assert "for architecture in amd64 arm64" in listing
    assert 'index("libc6")' in listing
    assert 'index("pydantic")' in listing
    (kept,) = (step["with"] for step in STEPS["publish"] if "upload-artifact" in step.get("uses", ""))
    assert (kept["name"], kept["path"]) == ("testgate-image-sbom", "testgate-image-*.spdx.json")
    assert "--pattern 'testgate*-sbom' --dir lists" in STEPS["release"][place("release", "gh run download")]["run"]
    assert STEPS["release"][-1]["run"] == 'release/publish "$IMAGE" lists/*/*.json'


def test_the_wheel_that_was_tried_is_published() -> None:
    """The one that .ci/run built; nothing is built again, and there is no token. A version that is there stays."""
    (kept,) = (step["with"] for step in STEPS["check"] if step.get("with", {}).get("name") == "testgate-dist")
    assert kept["path"] == "dist/*"
    assert "make --no-print-directory wheel" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "--name testgate-dist --dir dist" in STEPS["pypi"][0]["run"]
    assert STEPS["pypi"][1]["with"] == {"skip-existing": True}
    assert JOBS["pypi"]["environment"] == "pypi"
    assert not [step for step in STEPS["pypi"] if "secrets." in json.dumps(step)]


def test_users_see_nothing_before_the_release_exists() -> None:
    """The last job moves tags; the one before it first checks that everybody can pull the image."""
    assert "latest" not in json.dumps([JOBS[name] for name in ("check", "build", "publish", "release")])
    assert place("release", "imagetools inspect") < place("release", "release/publish")
    assert place("move", "release.py overtaken") < place("move", "imagetools create")
    assert 'for tag in "$MINOR" "$MAJOR" latest' in STEPS["move"][-1]["run"]


def test_no_outside_text_becomes_a_command() -> None:
    """Expressions appear in `env`, `with` and the like; `run` only reads variables."""
    runs = [step["run"] for steps in STEPS.values() for step in steps if "run" in step]
    assert runs
    assert not [run for run in runs if "${{" in run]
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"  # which fails if any part of a pipe fails


def test_checkouts_keep_no_token() -> None:
    """A push asks for the token when it needs it; no file contains it."""
    checkouts = [
        step for steps in STEPS.values() for step in steps if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert len(checkouts) == 4
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_documented_commands_match_the_workflow() -> None:
    """docs/releasing.md has the same identities and flags with which the release verifies itself."""
    page = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    verify = STEPS["publish"][place("publish", "cosign verify")]["run"]
    for words in ("cosign verify", "gh attestation verify", "--certificate-identity", "--certificate-oidc-issuer"):
        assert words in page
        assert words in verify
    issuer = "https://token.actions.githubusercontent.com"
    assert issuer in page
    assert issuer in verify
    assert "/.github/workflows/release.yml@refs/heads/main" in page
    assert all(f"`{name}`" in page for name in JOBS)

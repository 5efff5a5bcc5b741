"""What `.github/workflows/release.yml` promises."""

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
    """Where in a job the step stands that runs or uses this; there is exactly one."""
    found = [number for number, step in enumerate(STEPS[job]) if words in step.get("run", "") + step.get("uses", "")]
    assert len(found) == 1, (job, words)
    return found[0]


def test_a_release_is_started_by_hand_and_alone() -> None:
    """Nothing else starts it, no input is asked for, and no second one runs beside it or breaks it off."""
    assert WORKFLOW["on"] == {"workflow_dispatch": None}
    assert WORKFLOW["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_each_job_has_the_permissions_that_it_needs_and_no_others() -> None:
    """None for all; only the job that tags can write to the repository, only the one that signs has an identity."""
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "check": {"contents": "read"},
        "build": {"contents": "read", "packages": "write"},
        "publish": {"packages": "write", "id-token": "write", "attestations": "write"},
        "release": {"contents": "write", "actions": "read"},
        "move": {"contents": "read", "packages": "write"},
    }


def test_actions_are_pinned_by_commit_with_their_version_beside() -> None:
    """A tag can be moved, a commit cannot; people read the version. An action has one commit in all workflows."""
    pins: dict[str, str] = {}
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yml")):
        lines = re.findall(r"^ *-? *uses: (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert lines
        for line in lines:
            match = re.fullmatch(r"([\w-]+/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+", line)
            assert match, line
            assert pins.setdefault(match[1], match[2]) == match[2]


def test_jobs_wait_for_what_they_build_on() -> None:
    """Check, build, publish, release, move: one after the other, and none goes on after a failure."""
    needs = {name: job.get("needs", []) for name, job in JOBS.items()}
    assert needs == {
        "check": [],
        "build": "check",
        "publish": ["check", "build"],
        "release": ["check", "publish"],
        "move": ["check", "publish", "release"],
    }
    assert not [name for name, job in JOBS.items() if "if" in job or "continue-on-error" in job]
    assert not [step for steps in STEPS.values() for step in steps if "continue-on-error" in step]
    assert all(job["timeout-minutes"] <= 40 for job in JOBS.values())


def test_everything_is_checked_before_anything_is_built() -> None:
    """The refusals come first, then the whole of CI, then the list of what the image holds."""
    order = [place("check", words) for words in ("release.py check", "imagetools inspect", ".ci/run", "make sbom")]
    assert order == sorted(order)
    assert STEPS["check"][0]["with"]["fetch-depth"] == 0  # without tags, no refusal
    assert JOBS["check"]["outputs"].keys() == {"version", "minor", "major", "image", "base"}


def test_both_architectures_are_built_and_tried_on_machines_of_their_own() -> None:
    """Each has its runner and its output; the trial comes before the login, the login before the push."""
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


def test_the_image_is_signed_and_attested_by_digest_and_verified() -> None:
    """The tag is only used to learn the digest; what users are told to run is run at the end."""
    order = [
        place("publish", words) for words in ("imagetools create", "cosign sign", "actions/attest", "cosign verify")
    ]
    assert order == sorted(order)
    assert order[-1] == len(STEPS["publish"]) - 1
    assert "$IMAGE@$DIGEST" in STEPS["publish"][order[1]]["run"]
    attest = STEPS["publish"][order[2]]["with"]
    assert attest["subject-digest"] == "${{ steps.join.outputs.digest }}"
    assert attest["push-to-registry"] is True


def test_users_meet_nothing_before_the_release_is_there() -> None:
    """Tags that move are moved by the last job; the one before it looks first whether everybody can pull."""
    assert "latest" not in json.dumps([JOBS[name] for name in ("check", "build", "publish", "release")])
    assert place("release", "imagetools inspect") < place("release", "release/publish")
    assert place("move", "release.py overtaken") < place("move", "imagetools create")
    assert 'for tag in "$MINOR" "$MAJOR" latest' in STEPS["move"][-1]["run"]


def test_no_text_from_outside_becomes_a_command() -> None:
    """Expressions stand in `env`, `with` and the like; `run` reads variables."""
    runs = [step["run"] for steps in STEPS.values() for step in steps if "run" in step]
    assert runs
    assert not [run for run in runs if "${{" in run]
    assert WORKFLOW["defaults"]["run"]["shell"] == "bash"  # which fails when a part of a pipe does


def test_checkouts_keep_no_token() -> None:
    """A push asks for it when it pushes; it stands in no file that a later step could read."""
    checkouts = [
        step for steps in STEPS.values() for step in steps if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert len(checkouts) == 4
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_documented_commands_are_those_of_the_workflow() -> None:
    """Files, identities and flags in docs/releasing.md are the ones that the release itself verifies with."""
    page = (ROOT / "docs" / "releasing.md").read_text(encoding="utf-8")
    verify = STEPS["publish"][-1]["run"]
    for words in ("cosign verify", "gh attestation verify", "--certificate-identity", "--certificate-oidc-issuer"):
        assert words in page
        assert words in verify
    issuer = "https://token.actions.githubusercontent.com"
    assert issuer in page
    assert issuer in verify
    assert "/.github/workflows/release.yml@refs/heads/main" in page
    assert all(f"`{name}`" in page for name in JOBS)

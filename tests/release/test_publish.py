"""A rehearsal of `release/publish` in a clone of a throwaway repository, with a stand-in for `gh`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.release.stage import ACTION, CHANGELOG, NEW, OLD, checkout, release, write_program
from tests.support.marks import full

GH = """\
#!{python}
import json, os, pathlib, subprocess, sys
store = pathlib.Path(os.environ["FAKE_GH"])
held = json.loads(store.read_text()) if store.exists() else {{"releases": {{}}, "calls": []}}
arguments = sys.argv[1:]
held["calls"].append(arguments)
verb, tag = arguments[1], arguments[2]
if verb == "list":
    drafts = [draft for name, draft in held["releases"].items() if json.dumps(name) in arguments[-1]]
    print("\\n".join(str(draft).lower() for draft in drafts))
elif verb == "delete":
    assert held["releases"].pop(tag)
elif verb == "create":
    refs = subprocess.run(["git", "ls-remote", "origin"], capture_output=True, text=True, check=True).stdout
    held["seen"] = sorted(line.split("\\t")[1] for line in refs.splitlines() if "/tags/" in line)
    held["notes"] = pathlib.Path(arguments[arguments.index("--notes-file") + 1]).read_text()
    held["releases"][tag] = os.environ.get("FAKE_GH_FAILS") == "draft"
store.write_text(json.dumps(held))
sys.exit(verb == os.environ.get("FAKE_GH_FAILS") or held["releases"].get(tag, False))
"""


# The author of all commits, and a time long ago.
SOMEBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Somebody"), ("EMAIL", "somebody@example.com"), ("DATE", "1700000000 +0000"))
}


class Rehearsal:
    """A clone with a bare origin, and a stand-in for `gh` that keeps releases in a file."""

    def __init__(self, root: Path) -> None:
        self.clone, self.origin = root / "clone", root / "origin.git"
        self._root, self._store = root, root / "gh.json"
        own = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")}
        self._environ = {
            **own,
            "PATH": f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "FAKE_GH": str(self._store),
        }

    def prepare(self) -> None:
        """Create repositories and stand-ins. The clone names its origin by a relative path, so both can be copied."""
        programs = self._root / "bin"
        programs.mkdir()
        write_program(programs / "gh", GH.format(python=sys.executable))
        (programs / "python3").symlink_to(sys.executable)
        checkout(self.clone)
        self.git("init", "--quiet", "--initial-branch=main", cwd=self.clone)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.origin))
        self.git("remote", "add", "origin", f"../{self.origin.name}")
        self.commit("1.2.3")
        (self.clone / "sbom.json").write_text("{}", encoding="utf-8")

    def run(
        self, *command: str, cwd: Path | None = None, more: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the clone, with nobody there to type a password."""
        environ = {**self._environ, "GIT_TERMINAL_PROMPT": "0", **(more or {})}
        return subprocess.run(  # noqa: S603  # git and the project's own scripts
            command, cwd=cwd or self.clone, env=environ, capture_output=True, text=True, check=False, timeout=300
        )

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        """The output of a git command that must succeed."""
        done = self.run("git", *arguments, cwd=cwd, more=SOMEBODY)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, version: str) -> str:
        """Commit this version to the default branch; returns the commit."""
        source = self.clone / "src" / "testgate" / "__init__.py"
        source.write_text(f'__version__ = "{version}"\n', encoding="utf-8")
        changelog = CHANGELOG.replace("[1.2.3]", f"[{version}]")
        (self.clone / "CHANGELOG.md").write_text(changelog, encoding="utf-8")
        self.git("add", "--all", ":!sbom.json")
        self.git("commit", "--quiet", "--message", version)
        self.git("push", "--quiet", "origin", "main")
        return self.git("rev-parse", "HEAD")

    def clone_anew(self) -> None:
        """Continue in a fresh clone, like another machine."""
        self.clone = self._root / "another"
        self.git("clone", "--quiet", str(self.origin), str(self.clone), cwd=self._root)
        (self.clone / "sbom.json").touch()

    def publish(self, image: str = NEW, **more: str) -> subprocess.CompletedProcess[str]:
        """Run the script as the workflow does."""
        return self.run("release/publish", image, "sbom.json", more=more)

    def refs(self) -> dict[str, str]:
        """The refs of the origin, with their commits."""
        lines = self.git("ls-remote", "origin", "refs/*").splitlines()
        return {name: commit for commit, name in (line.split("\t") for line in lines)}

    def gh(self) -> Mapping[str, Any]:
        """The records of the stand-in for `gh`."""
        held: Mapping[str, Any] = json.loads(self._store.read_text(encoding="utf-8"))
        return held


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a rehearsal before anything is published."""
    root = tmp_path_factory.mktemp("prepared")
    Rehearsal(root).prepare()
    return root


@pytest.fixture
def rehearsal(prepared: Path, tmp_path: Path) -> Rehearsal:
    """A rehearsal of its own for each test."""
    shutil.copytree(prepared, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Rehearsal(tmp_path)


def test_a_release_is_a_commit_with_two_tags(rehearsal: Rehearsal) -> None:
    """The commit is a child that changes one line of action.yml; no branch moves."""
    main = rehearsal.git("rev-parse", "HEAD")
    done = rehearsal.publish()
    assert done.returncode == 0, done.stderr
    refs = rehearsal.refs()
    commit = refs["refs/tags/v1.2.3"]
    assert refs == {"refs/heads/main": main, "refs/tags/v1.2.3": commit, "refs/tags/v1": commit}
    assert rehearsal.git("rev-parse", f"{commit}^@") == main
    assert rehearsal.git("diff", "--name-only", main, commit) == "action.yml"
    assert rehearsal.git("show", f"{commit}:action.yml") == release.pointed(ACTION, NEW).strip()
    assert rehearsal.git("ls-tree", commit, "action.yml")[:6] == rehearsal.git("ls-tree", main, "action.yml")[:6]
    assert rehearsal.git("status", "--porcelain") == "?? sbom.json"
    assert rehearsal.git("rev-parse", "HEAD", "main").split() == [main, main]
    assert rehearsal.git("show", "--no-patch", "--format=%s|%an|%cn|%at|%ct", commit) == (
        "TestGate 1.2.3|github-actions[bot]|github-actions[bot]|1700000000|1700000000"
    )


def test_the_major_tag_moves_after_the_release(rehearsal: Rehearsal) -> None:
    """The release is created when its tag exists and vX doesn't, with the changelog's text and the file."""
    assert rehearsal.publish().returncode == 0
    held = rehearsal.gh()
    assert held["releases"] == {"v1.2.3": False}
    assert held["seen"] == ["refs/tags/v1.2.3"]
    assert held["notes"] == "### Added\n\n- A thing.\n"
    created = held["calls"][-1]
    assert created[:3] == ["release", "create", "v1.2.3"]
    assert created[-1] == "sbom.json"
    assert "--verify-tag" in created


def test_the_next_release_moves_the_major_tag(rehearsal: Rehearsal) -> None:
    """The tag vX moves from one release to the next; the tag of the first one stays."""
    assert rehearsal.publish(OLD).returncode == 0
    first = rehearsal.refs()["refs/tags/v1.2.3"]
    main = rehearsal.commit("1.3.0")
    assert rehearsal.publish().returncode == 0
    refs = rehearsal.refs()
    assert refs["refs/tags/v1.2.3"] == first
    assert refs["refs/tags/v1"] == refs["refs/tags/v1.3.0"] != first
    assert rehearsal.git("rev-parse", f"{refs['refs/tags/v1']}^") == main
    assert refs["refs/heads/main"] == main


@pytest.mark.full
def test_another_major_version_does_not_move_the_old_tag(rehearsal: Rehearsal) -> None:
    """Users of v1 don't get version 2."""
    assert rehearsal.publish(OLD).returncode == 0
    first = rehearsal.refs()["refs/tags/v1"]
    rehearsal.commit("2.0.0")
    assert rehearsal.publish().returncode == 0
    refs = rehearsal.refs()
    assert refs["refs/tags/v1"] == first
    assert refs["refs/tags/v2"] == refs["refs/tags/v2.0.0"] != first


def test_a_second_start_with_the_same_image_changes_nothing(rehearsal: Rehearsal) -> None:
    """Everything turns out to be done, even from a fresh clone, and the release isn't created twice."""
    assert rehearsal.publish().returncode == 0
    refs = rehearsal.refs()
    rehearsal.clone_anew()
    again = rehearsal.publish()
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("going on") == 2
    assert rehearsal.refs() == refs
    assert [call[1] for call in rehearsal.gh()["calls"]] == ["list", "create", "list"]


def test_a_second_start_with_another_image_is_refused(rehearsal: Rehearsal) -> None:
    """A version is one image forever, so nothing changes."""
    assert rehearsal.publish(OLD).returncode == 0
    refs, calls = rehearsal.refs(), rehearsal.gh()["calls"]
    done = rehearsal.publish(NEW)
    assert done.returncode == 1
    assert "v1.2.3 is another release" in done.stderr
    assert rehearsal.refs() == refs
    assert rehearsal.gh()["calls"] == calls


@pytest.mark.parametrize("failing", [full("list"), "create", full("draft")])
def test_a_failed_release_is_continued(rehearsal: Rehearsal, failing: str) -> None:
    """After a failure of GitHub, vX hasn't moved, and the next start completes the release, even with a draft."""
    assert rehearsal.publish(FAKE_GH_FAILS=failing).returncode == 1
    assert sorted(rehearsal.refs()) == ["refs/heads/main", "refs/tags/v1.2.3"]
    if failing == "create":  # a release that was created although gh failed afterwards isn't created twice
        assert rehearsal.gh()["releases"] == {"v1.2.3": False}
    done = rehearsal.publish()
    assert done.returncode == 0, done.stderr
    refs = rehearsal.refs()
    assert refs["refs/tags/v1"] == refs["refs/tags/v1.2.3"]
    assert rehearsal.gh()["releases"] == {"v1.2.3": False}
    verbs = [call[1] for call in rehearsal.gh()["calls"]]
    assert ("delete" in verbs) == (failing == "draft")


def test_a_refused_push_leaves_nothing_behind(rehearsal: Rehearsal) -> None:
    """If the tag can't be pushed, there is no release; the same start succeeds once it can."""
    hook = rehearsal.origin / "hooks" / "pre-receive"
    write_program(hook, "#!/bin/sh\necho 'refusing to allow it' >&2\nexit 1\n")
    done = rehearsal.publish()
    assert done.returncode != 0
    assert "refusing to allow it" in done.stderr
    assert list(rehearsal.refs()) == ["refs/heads/main"]
    hook.unlink()
    assert rehearsal.publish().returncode == 0


def test_an_overtaken_release_is_refused(rehearsal: Rehearsal) -> None:
    """Restarting an old run doesn't move vX back."""
    rehearsal.git("tag", "v1.10.0")
    rehearsal.git("push", "--quiet", "origin", "v1.10.0", "v1.10.0:refs/tags/v1")
    refs = rehearsal.refs()
    done = rehearsal.publish()
    assert done.returncode == 1
    assert "v1.10.0 is tagged already" in done.stderr
    assert rehearsal.refs() == refs


@pytest.mark.full
def test_later_commits_on_the_default_branch_do_not_matter(rehearsal: Rehearsal) -> None:
    """The commit that was checked is released, not a later one."""
    checked_out = rehearsal.git("rev-parse", "HEAD")
    later = rehearsal.commit("1.2.4")
    rehearsal.git("checkout", "--quiet", "--detach", checked_out)
    assert rehearsal.publish().returncode == 0
    refs = rehearsal.refs()
    assert refs["refs/heads/main"] == later
    assert rehearsal.git("rev-parse", f"{refs['refs/tags/v1.2.3']}^") == checked_out


@pytest.mark.parametrize("image", ["ghcr.io/somebody/testgate:1.2.3", f"{NEW}\nx", "--help", ""])
def test_an_image_without_a_digest_changes_nothing(rehearsal: Rehearsal, image: str) -> None:
    """It is refused before anything is pushed."""
    assert rehearsal.publish(image).returncode != 0
    assert list(rehearsal.refs()) == ["refs/heads/main"]


def test_missing_files_and_local_changes_are_refused(rehearsal: Rehearsal) -> None:
    """A missing file and a modified checkout are refused before anything is pushed."""
    (rehearsal.clone / "sbom.json").unlink()
    assert "sbom.json is not there" in rehearsal.publish().stderr
    (rehearsal.clone / "sbom.json").touch()
    (rehearsal.clone / "Dockerfile").write_text("FROM scratch\n", encoding="utf-8")
    assert "changes of its own" in rehearsal.publish().stderr
    assert list(rehearsal.refs()) == ["refs/heads/main"]

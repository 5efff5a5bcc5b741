"""What may be released, and what the script prints about version, notes, image and action."""

import difflib
import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.release.stage import ACTION, BASE, NEW, OLD, ROOT, Result, checkout, release, run_script
from tests.support.schemas import complaints


def checked(root: Path, tags: str = "", ref: str = "refs/heads/main") -> Result:
    """The result of `check`."""
    return run_script(root, "check", ref, "main", tags=tags)


def test_an_orderly_checkout_may_be_released(tmp_path: Path) -> None:
    """On the default branch, with a new version that is in the changelog."""
    said = checked(checkout(tmp_path), tags="v1.2.2\nv1\nv1.10\nnightly\nvv9.9.9\nv9.9.9-rc1\n")
    assert said == (0, "1.2.3 may be released.\n", "")


def test_all_reasons_are_reported_at_once(tmp_path: Path) -> None:
    """Each reason is on a line of its own, and names what to change."""
    root = checkout(tmp_path, changelog="# Changelog\n\n## [Unreleased]\n\n- A thing.\n")
    (root / "action.yml").write_text("runs:\n  using: docker\n", encoding="utf-8")
    (root / "Dockerfile").write_text("FROM python\n", encoding="utf-8")
    said = checked(root, tags="v1.2.3\nv1.3.0\nv1", ref="refs/heads/work")
    assert said.code == 1
    assert said.out == ""
    words = ("'refs/heads/work'", "`## [1.2.3] - ", "[Unreleased]", "tag v1.2.3", "v1.3.0", "action.yml", "Dockerfile")
    lines = said.err.splitlines()
    assert len(lines) == len(words)
    assert all(word in line for word, line in zip(words, lines, strict=True))


@pytest.mark.parametrize("ref", ["refs/tags/v1.2.3", "refs/heads/main2", "refs/heads/x/main", "refs/pull/1/merge", ""])
def test_only_the_default_branch_is_released(tmp_path: Path, ref: str) -> None:
    """Another branch, a tag and a pull request are refused."""
    assert "start it on the default branch, 'main'" in checked(checkout(tmp_path), ref=ref).err


def test_an_unknown_default_branch_is_refused(tmp_path: Path) -> None:
    """If the event names no default branch, nothing is released."""
    assert run_script(checkout(tmp_path), "check", "refs/heads/", "").code == 1


@pytest.mark.parametrize("version", ["1.2", "1.2.3rc1", "1.2.3-rc.1", "v1.2.3", "01.2.3", "1.2.3.4", "", "1.2.3\\n"])
def test_a_version_is_three_numbers(tmp_path: Path, version: str) -> None:
    """Anything else is refused, and reported only once."""
    said = checked(checkout(tmp_path, version))
    assert said.code == 1
    assert len(said.err.splitlines()) == 1
    assert "three numbers" in said.err


def test_the_version_is_defined_once(tmp_path: Path) -> None:
    """No version is refused, and so are two."""
    root = checkout(tmp_path)
    source = root / "src" / "testgate" / "__init__.py"
    for text in ("", source.read_text(encoding="utf-8") * 2):
        source.write_text(text, encoding="utf-8")
        assert "must have one line" in checked(root).err


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        ("## [1.2.3]\n\n- A thing.\n", "the day of the release"),
        ("## [1.2.3] - today\n\n- A thing.\n", "the day of the release"),
        ("## [1.2.3] - 2026-13-01\n\n- A thing.\n", "the day of the release"),
        ("## [1.2.3] - 20260131\n\n- A thing.\n", "the day of the release"),
        ("## [1.2.3] - 2026-01-31\n\n## [1.2.2] - 2026-01-30\n\n- Old.\n", "Nothing stands below"),
        ("## [1.2.3] - 2026-01-31\n\n- A thing.\n\n## [1.2.3] - 2026-01-31\n\n- Another.\n", "has 2"),
        ("## [1.2.30] - 2026-01-31\n\n- A thing.\n", "has 0"),
    ],
)
def test_the_changelog_must_have_a_section_for_the_version(tmp_path: Path, section: str, complaint: str) -> None:
    """A heading without a date, without text, twice, or of another version isn't accepted."""
    said = checked(checkout(tmp_path, changelog=f"# Changelog\n\n## [Unreleased]\n\n{section}"))
    assert said.code == 1
    assert len(said.err.splitlines()) == 1
    assert complaint in said.err


def test_this_changelog_is_judged_by_its_headings() -> None:
    """This checkout may be released if and only if its changelog has a dated section and nothing above it."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version = release.version_in((ROOT / "src" / "testgate" / "__init__.py").read_text(encoding="utf-8"))
    dated = re.search(rf"^## \[{re.escape(str(version))}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)
    waiting = changelog.partition("## [Unreleased]\n")[2].partition("\n## [")[0].strip()
    assert (checked(ROOT).code == 0) == bool(dated and not waiting)


def test_a_changelog_with_only_unreleased_changes_is_refused(tmp_path: Path) -> None:
    """While everything is under Unreleased, there is no release."""
    said = checked(checkout(tmp_path, changelog="# Changelog\n\n## [Unreleased]\n\nThis is to become 1.2.3.\n"))
    assert said.code == 1
    assert "`## [1.2.3] - YYYY-MM-DD`" in said.err
    assert "move it down" in said.err


def test_versions_are_compared_as_numbers(tmp_path: Path) -> None:
    """1.10.0 is newer than 1.2.3, and 1.2.2 isn't; other kinds of tags don't count."""
    root = checkout(tmp_path)
    for command in (("check", "refs/heads/main", "main"), ("overtaken",)):
        assert run_script(root, *command, tags="v1.2.2\nv0.30.0\nv2\n").code == 0
        said = run_script(root, *command, tags="v1.10.0\nv1.9.0\n")
        assert (said.code, "v1.10.0 is tagged already" in said.err) == (1, True)


def test_overtaken_accepts_its_own_tag(tmp_path: Path) -> None:
    """A release that continues after a failure finds its own tag."""
    assert run_script(checkout(tmp_path), "overtaken", tags="v1.2.3\nv1\n").code == 0


def test_version_is_printed_as_outputs_of_a_step(tmp_path: Path) -> None:
    """These are the three tags of the image."""
    assert run_script(checkout(tmp_path, "10.20.30"), "version").out == "version=10.20.30\nminor=10.20\nmajor=10\n"


def test_notes_are_the_section_of_the_version(tmp_path: Path) -> None:
    """Without its heading, and without other sections."""
    root = checkout(tmp_path)
    assert run_script(root, "notes", "1.2.3").out == "### Added\n\n- A thing.\n"
    assert run_script(root, "notes", "1.2.2").out == "- Old.\n"
    assert run_script(root, "notes", "1.2.4").code == 1


def test_the_image_has_no_capital_letters(tmp_path: Path) -> None:
    """An owner's name may have some; other characters that an image's name can't have are refused."""
    assert run_script(tmp_path, "image", "Some-Body").out == "ghcr.io/some-body/testgate\n"
    for owner in ("", "a b", "a/b", "a-", "a@b", "ä"):
        assert run_script(tmp_path, "image", owner).code == 1


def test_the_base_is_that_of_the_dockerfile() -> None:
    """The workflow resolves the base image of the Dockerfile."""
    assert run_script(ROOT, "base").out == f"{BASE}\n"


def test_a_pointed_action_differs_in_one_line_and_is_valid(tmp_path: Path) -> None:
    """Only the image changes, GitHub's schema accepts the action, and `runs` names the published image."""
    text = run_script(ROOT, "point", NEW).out
    changes = [line for line in difflib.ndiff(ACTION.splitlines(), text.splitlines()) if line[0] in "+-"]
    assert changes == ["-   image: Dockerfile", f"+   image: docker://{NEW}"]
    assert text.endswith("\n") is ACTION.endswith("\n") is True
    path = tmp_path / "action.yml"
    path.write_text(text, encoding="utf-8")
    assert complaints(path, "vendor.github-actions") == ""
    before, after = (YAML(typ="safe", pure=True).load(each) for each in (ACTION, text))
    assert before["runs"].pop("image") == "Dockerfile"
    assert after["runs"].pop("image") == f"docker://{NEW}"
    assert after == before


def test_a_pointed_action_can_be_pointed_again() -> None:
    """The line is found, whatever image it names."""
    assert release.pointed(release.pointed(ACTION, OLD), NEW) == release.pointed(ACTION, NEW)


@pytest.mark.parametrize(
    "image",
    [
        "Dockerfile",
        "ghcr.io/somebody/testgate:1.2.3",
        f"ghcr.io/somebody/testgate:1.2.3@sha256:{'a' * 64}",
        f"docker://{NEW}",
        NEW[:-1],
        f"{NEW}a",
        NEW.replace("somebody", "Somebody"),
        NEW.upper(),
        NEW.replace("sha256", "sha512"),
        f"testgate@sha256:{'a' * 64}",
        f"{NEW}\n",
        f"{NEW}\n  args: [x]",
        f"{NEW} # x",
        "",
    ],
)
def test_only_a_digest_is_pointed_at(image: str) -> None:
    """A tag can be moved, and anything but a name could change more than the line."""
    said = run_script(ROOT, "point", image)
    assert (said.code, said.out) == (1, "")
    assert "name and digest" in said.err


@pytest.mark.parametrize("lines", ["", "  image: Dockerfile\n  image: Dockerfile\n"])
def test_an_action_has_one_image(lines: str) -> None:
    """With none or two, it isn't clear which line to change."""
    with pytest.raises(release.Refusal, match="one line"):
        release.pointed(ACTION.replace("  image: Dockerfile\n", lines), NEW)

"""Decides about a release: its version, its notes, what speaks against it, and which image the action names.

`release.py --help` lists the commands. `.github/workflows/release.yml` and the scripts beside this file call them, with
the Python of the runner: nothing but the standard library is imported. Facts are read from the checkout, the names of
tags from standard input; nothing is written but standard output.
"""

import argparse
import datetime as dt
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TextIO

ROOT = Path(__file__).resolve().parent.parent
SOURCE = Path("src", "testgate", "__init__.py")
CHANGELOG = Path("CHANGELOG.md")
ACTION = Path("action.yml")
DOCKERFILE = Path("Dockerfile")

# A part of an image's path, as the registries' reference grammar has it.
_PART = r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*"
_PUBLISHED = re.compile(rf"[a-z0-9.-]+(?::[0-9]+)?(?:/{_PART})+@sha256:[0-9a-f]{{64}}")
_NUMBER = r"(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")


class Refusal(Exception):
    """Something speaks against the release; the text says what, and what to do."""


class Version(NamedTuple):
    """Three numbers. No pre-releases: whoever runs `vX` would be given them."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        """`1.2.3`."""
        return f"{self.major}.{self.minor}.{self.patch}"


def version_in(source: str) -> Version:
    """The version that the program's source names.

    Raises:
        Refusal: there is none, or it is not three numbers.

    """
    found = re.findall(r'^__version__ = "(.*)"$', source, re.MULTILINE)
    if len(found) != 1:
        raise Refusal(f'{SOURCE} must have one line `__version__ = "1.2.3"`, and has {len(found)}.')
    return parsed(found[0])


def parsed(text: str) -> Version:
    """A version from its text.

    Raises:
        Refusal: it is not three numbers.

    """
    if (match := _VERSION.fullmatch(text)) is None:
        raise Refusal(f"The version {text!r} is not three numbers: make it one such as 1.2.3 in {SOURCE}.")
    return Version(*(int(number) for number in match.groups()))


def notes(changelog: str, version: Version) -> str:
    """What the changelog says of a version.

    Raises:
        Refusal: its heading is missing, doubled or without a date, or nothing stands below it.

    """
    found = [(heading, body) for heading, body in _chapters(changelog) if heading.startswith(f"[{version}]")]
    wanted = f"`## [{version}] - YYYY-MM-DD`"
    if len(found) != 1:
        raise Refusal(
            f"{CHANGELOG} must have one heading {wanted}, and has {len(found)}: put it over what is to be released."
        )
    (heading, body) = found[0]
    if not _is_date(heading.removeprefix(f"[{version}] - ")):
        raise Refusal(f"The heading `## {heading}` in {CHANGELOG} must be {wanted}: give it the day of the release.")
    if not body:
        raise Refusal(f"Nothing stands below `## {heading}` in {CHANGELOG}: say there what users see of this release.")
    return body


def _is_date(text: str) -> bool:
    """Whether the text is a day: 2026-01-31."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _chapters(changelog: str) -> list[tuple[str, str]]:
    """Each heading of the second level, with what stands below it."""
    parts = [part.strip() for part in re.split(r"^## (.*)$", changelog, flags=re.MULTILINE)]
    return list(zip(parts[1::2], parts[2::2], strict=True))


def refuse_left_over(changelog: str) -> None:
    """Refuse what is on the branch, so in the release, but not in its notes.

    Raises:
        Refusal: the changelog still has something under its heading for the next release.

    """
    if any(heading == "[Unreleased]" and body for heading, body in _chapters(changelog)):
        raise Refusal(f"{CHANGELOG} has text under `## [Unreleased]`, which would be released too: move it down.")


def refuse_overtaken(version: Version, tags: Iterable[str]) -> None:
    """Refuse a version below one that is tagged: `vX`, `X` and `latest` would move back.

    Raises:
        Refusal: a higher version is tagged.

    """
    found = (_VERSION.fullmatch(tag.removeprefix("v")) for tag in tags if tag.startswith("v"))
    newest = max((parsed(match.group()) for match in found if match), default=version)
    if newest > version:
        raise Refusal(f"v{newest} is tagged already, and is newer than v{version}: raise the version in {SOURCE}.")


def refuse_tagged(version: Version, tags: Iterable[str]) -> None:
    """Refuse a version that was released.

    Raises:
        Refusal: its tag exists.

    """
    if f"v{version}" in set(tags):
        raise Refusal(
            f"The tag v{version} exists already: raise the version in {SOURCE}, or, if its release broke off, "
            'choose "Re-run failed jobs" on the page of that run.'
        )


def refuse_elsewhere(ref: str, default_branch: str) -> None:
    """Refuse what was not started on the default branch.

    Raises:
        Refusal: it was started on another branch, or on a tag.

    """
    if not default_branch or ref != f"refs/heads/{default_branch}":
        raise Refusal(f"This was started on {ref!r}: start it on the default branch, {default_branch!r}.")


def pointed(action: str, image: str) -> str:
    """The action's metadata with the published image in place of what it runs.

    Raises:
        Refusal: the image is not named by its digest alone, or the file has not exactly one line for it.

    """
    if not _PUBLISHED.fullmatch(image):
        raise Refusal(f"{image!r} is no published image: give its name and digest, registry/owner/name@sha256:….")
    text, count = re.subn(r"^( +image:) +\S.*$", rf"\g<1> docker://{image}", action, flags=re.MULTILINE)
    if count != 1:
        raise Refusal(f"{ACTION} must have one line `image: …`, and has {count}.")
    return text


def image_of(owner: str) -> str:
    """The image's name below an owner's; registries know no capitals, owners may have some.

    Raises:
        Refusal: the owner's name cannot be a part of an image's name.

    """
    if not re.fullmatch(_PART, owner.lower()):
        raise Refusal(f"{owner!r} cannot be a part of an image's name.")
    return f"ghcr.io/{owner.lower()}/testgate"


def base_in(dockerfile: str) -> str:
    """The image that ours is built on, as the Dockerfile names it.

    Raises:
        Refusal: it is not named exactly once.

    """
    found = re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", dockerfile, re.MULTILINE)
    if len(found) != 1:
        raise Refusal(f"{DOCKERFILE} must have one line `ARG PYTHON_IMAGE=…`, and has {len(found)}.")
    return str(found[0])


class Place(NamedTuple):
    """What a command is given: the checkout, what it was told, and the names of tags."""

    root: Path
    told: argparse.Namespace
    tags: Callable[[], Sequence[str]]

    def read(self, path: Path) -> str:
        """The text of a file of the checkout."""
        return (self.root / path).read_text(encoding="utf-8")

    def version(self) -> Version:
        """The version of the checkout."""
        return version_in(self.read(SOURCE))


def _check(place: Place) -> str:
    """Whether a release may start: every refusal at once."""
    changelog, tags = place.read(CHANGELOG), place.tags()
    refusals = _refusals(
        lambda: refuse_elsewhere(place.told.ref, place.told.default_branch),
        place.version,
        lambda: notes(changelog, place.version()),
        lambda: refuse_left_over(changelog),
        lambda: refuse_tagged(place.version(), tags),
        lambda: refuse_overtaken(place.version(), tags),
        lambda: pointed(place.read(ACTION), f"registry.example/testgate@sha256:{'0' * 64}"),
        lambda: base_in(place.read(DOCKERFILE)),
    )
    if refusals:
        raise Refusal("\n".join(refusals))
    return f"{place.version()} may be released."


def _refusals(*checks: Callable[[], object]) -> list[str]:
    """What the checks refuse, each thing once."""
    refusals: dict[str, None] = {}
    for check in checks:
        try:
            check()
        except Refusal as refusal:
            refusals[str(refusal)] = None
    return list(refusals)


def _version(place: Place) -> str:
    """The version and its shorter forms, as outputs of a step."""
    version = place.version()
    return f"version={version}\nminor={version.major}.{version.minor}\nmajor={version.major}"


def _notes(place: Place) -> str:
    """What the changelog says of a version."""
    return notes(place.read(CHANGELOG), parsed(place.told.version))


def _overtaken(place: Place) -> str:
    """Whether the version is still the newest."""
    version = place.version()
    refuse_overtaken(version, place.tags())
    return f"No tag is newer than v{version}."


def _image(place: Place) -> str:
    """The image's name below an owner's."""
    return image_of(place.told.owner)


def _base(place: Place) -> str:
    """The image that ours is built on."""
    return base_in(place.read(DOCKERFILE))


def _point(place: Place) -> str:
    """The action's metadata with the published image in it."""
    return pointed(place.read(ACTION), place.told.image).removesuffix("\n")


COMMANDS: Mapping[str, tuple[Callable[[Place], str], str, Sequence[str]]] = MappingProxyType(
    {
        "check": (_check, "say all that speaks against a release; tags: a line each", ["ref", "default_branch"]),
        "version": (_version, "print the version and its shorter forms", []),
        "image": (_image, "print the image's name", ["owner"]),
        "base": (_base, "print the image that ours is built on", []),
        "notes": (_notes, "print what the changelog says of a version", ["version"]),
        "overtaken": (_overtaken, "fail if a newer version is tagged; tags: a line each", []),
        "point": (_point, "print action.yml with a published image in it: name@sha256:…", ["image"]),
    }
)


def main(arguments: Sequence[str], root: Path, given: TextIO, out: TextIO, err: TextIO) -> int:
    """Run a command; a refusal goes to the second stream, a line each, and the code is 1."""
    parser = argparse.ArgumentParser(prog="release.py", description="Decides about a release.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (_, described, takes) in COMMANDS.items():
        command = commands.add_parser(name, help=described)
        for argument in takes:
            command.add_argument(argument)
    told = parser.parse_args(arguments)
    try:
        said = COMMANDS[told.command][0](Place(root, told, lambda: given.read().split()))
    except Refusal as refusal:
        err.write(f"{refusal}\n")
        return 1
    out.write(f"{said}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ROOT, sys.stdin, sys.stdout, sys.stderr))

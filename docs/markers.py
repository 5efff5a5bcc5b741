"""The parts of a page that are between markers."""

from collections.abc import Callable, Iterator, Mapping


class GapError(Exception):
    """Something has no description or place in the documents, or a marker and its text don't match."""


def filled(text: str, pieces: Mapping[str, str]) -> str:
    """Replace the text between markers by the generated pieces.

    Raises:
        GapError: a marker is missing, unknown, or has no end.

    """
    found: list[str] = []
    result = "".join(_filled(iter(text.splitlines(keepends=True)), pieces, found.append))
    if sorted(found) != sorted(pieces):
        message = f"the markers are {sorted(found)}, but the generated parts are {sorted(pieces)}"
        raise GapError(message)
    return result


def _filled(lines: Iterator[str], pieces: Mapping[str, str], found: Callable[[str], object]) -> Iterator[str]:
    """Yield the lines, replacing those between markers."""
    for line in lines:
        yield line
        name = line.strip().removeprefix("<!-- generated: ").removesuffix(" -->")
        if name == line.strip():
            continue
        found(name)
        yield f"\n{pieces.get(name, '')}\n"
        for inner in lines:
            if inner.strip() == "<!-- end of generated -->":
                yield inner
                break
        else:
            message = f"the end of {name} is missing"
            raise GapError(message)

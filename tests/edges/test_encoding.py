"""The log in the encoding of a terminal, and in UTF-8 everywhere else."""

import io

import pytest

from testgate.edges.encoding import prepare


class Terminal(io.TextIOWrapper):
    """A terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize(
    ("kind", "environ", "encoded"),
    [
        (Terminal, {}, "Gr\xfc\xdfe... \\u8a66 + \\u200b".encode("latin-1")),
        (io.TextIOWrapper, {"PYTHONIOENCODING": "latin-1"}, "Gr\xfc\xdfe... \\u8a66 + \\u200b".encode("latin-1")),
        (io.TextIOWrapper, {"PYTHONIOENCODING": ":strict"}, "Grüße… 試 ✓ \u200b".encode()),
        (io.TextIOWrapper, {}, "Grüße… 試 ✓ \u200b".encode()),
    ],
)
def test_signs_that_an_encoding_lacks(kind: type[io.TextIOWrapper], environ: dict[str, str], encoded: bytes) -> None:
    """They become similar ones, or numbers; what breaks a CI's commands never disappears."""
    raw = io.BytesIO()
    stream = kind(raw, encoding="latin-1")
    prepare(stream, environ)
    stream.write("Grüße… 試 ✓ \u200b")
    stream.flush()
    assert raw.getvalue() == encoded


def test_lines_end_alike_on_all_systems() -> None:
    """A script of completion, redirected to a file, works in every shell."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", newline="\r\n")
    prepare(stream, {})
    stream.write("a\nb\n")
    stream.flush()
    assert raw.getvalue() == b"a\nb\n"


def test_a_stream_that_cannot_be_set_is_left_alone() -> None:
    """Such as one of a test."""
    prepare(io.StringIO(), {})

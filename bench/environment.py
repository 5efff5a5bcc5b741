"""An environment with the libraries of the image and no others.

That of development has more, and some of them cost a step what it doesn't cost its users: `requests` loads `chardet`
wherever it is installed, which takes 1.6 MB.
"""

import re
import sysconfig
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

_REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements.txt"


@contextmanager
def released() -> Iterator[str]:
    """The Python of such an environment. It links to what is installed here, so nothing is fetched or compiled."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, symlinks=True)
        site = Path(sysconfig.get_path("purelib", "venv", {"base": folder, "platbase": folder}))
        for path in _installed():
            site.joinpath(path.name).symlink_to(path)
        yield str(Path(folder, "bin", "python"))


def libraries() -> list[str]:
    """The names of the libraries that the image holds."""
    return re.findall(r"(?m)^([A-Za-z0-9_.-]+)==", _REQUIREMENTS.read_text(encoding="utf-8"))


def _installed() -> set[Path]:
    """The folders and files at the top of `site-packages` that belong to these libraries."""
    found = [(each, file) for name in libraries() for each in [distribution(name)] for file in each.files or ()]
    return {Path(str(each.locate_file(file.parts[0]))) for each, file in found if file.parts[0] != ".."}

"""Starts a step, or the cleanup after it if called as `testgate-cleanup`."""

import sys
from pathlib import Path

# In a checkout, the package is next to this file; in the image, it is installed.
_SOURCE = Path(__file__).resolve().parent / "src"
if _SOURCE.is_dir():
    sys.path.insert(0, str(_SOURCE))

from testgate.cli import clean_up, main  # noqa: E402  # the path must be set first

if __name__ == "__main__":
    sys.exit(clean_up() if Path(sys.argv[0]).name == "testgate-cleanup" else main())

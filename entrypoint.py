"""The container's first process: `python -I entrypoint.py`."""

import sys
from pathlib import Path

# In a checkout the package lies beside this file; in the image it is installed.
_SOURCE = Path(__file__).resolve().parent / "src"
if _SOURCE.is_dir():
    sys.path.insert(0, str(_SOURCE))

from testgate.cli import main  # noqa: E402  # the path comes first

if __name__ == "__main__":
    sys.exit(main())

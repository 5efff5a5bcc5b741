"""Starts a step, or the cleanup after it if called as `testgate-cleanup`, from a checkout or in the image."""

import os
import sys

# In a checkout, the package is next to this file; in the image, it is installed.
_SOURCE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "src")  # noqa: PTH118, PTH120  # less to load


if __name__ == "__main__":
    if os.path.isdir(_SOURCE):  # noqa: PTH112  # less to load
        sys.path.insert(0, _SOURCE)

    from testgate.__main__ import clean_up, main

    name = os.path.basename(sys.argv[0])  # noqa: PTH119  # less to load
    sys.exit(clean_up() if name == "testgate-cleanup" else main())

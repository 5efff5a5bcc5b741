"""`python -m testgate`: the same as the command `testgate`."""

import sys

from testgate.cli import main

if __name__ == "__main__":
    sys.exit(main())

"""`python -m testgate`: the same as the command `testgate`."""

import sys

from testgate.cli import main

sys.exit(main())

"""Every output of a step, with its description."""

from testgate.gate.outputs import OUTPUTS as CORE
from testgate.gate.outputs import with_files
from testgate.reports import REPORTS

OUTPUTS = with_files(CORE, {f"{name}-file": entry.description for name, entry in REPORTS.items()})

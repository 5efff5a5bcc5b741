"""Every output of a step, with its description."""

from testgate.gate.outputs import OUTPUTS as CORE
from testgate.gate.outputs import with_files
from testgate.ports import NOTIFY
from testgate.reports import NOTICES, REPORTS

_WRITTEN = {**REPORTS, NOTIFY: next(iter(NOTICES.values()))}
OUTPUTS = with_files(CORE, {f"{name}-file": entry.description for name, entry in _WRITTEN.items()})

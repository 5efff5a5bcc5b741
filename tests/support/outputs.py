"""Every output of a step, with its description."""

from testgate.gate.outputs import OUTPUTS as CORE
from testgate.gate.outputs import with_files
from testgate.ports import NOTIFY
from testgate.reports import NOTICES, REPORTS

_DESCRIPTIONS = {f"{name}-file": entry.description for name, entry in REPORTS.items()}
NOTICE = f"{NOTIFY}-file"  # only a step that writes a message for a chat has it

OUTPUTS = with_files(CORE, _DESCRIPTIONS)
WITH_NOTICE = with_files(CORE, {**_DESCRIPTIONS, NOTICE: next(iter(NOTICES.values())).description})

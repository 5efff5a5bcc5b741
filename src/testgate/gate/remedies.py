"""What to do about a conclusion, if the fault itself doesn't say."""

from collections.abc import Mapping
from types import MappingProxyType

from testgate.model import Conclusion

_REMEDIES: Mapping[Conclusion, str] = MappingProxyType(
    {
        Conclusion.FAILED: "Open the run's page for steps and screenshots of the failed tests.",
        Conclusion.NOTHING_RAN: "Open the run's page: does the plan contain tests, and were its machines available?",
        Conclusion.STOPPED: "Open the run's page to see who stopped it or why it was aborted; then run the job again.",
        Conclusion.TIMED_OUT: "Open the run's page to see what is slow; raise `timeout` if the plan needs longer.",
        Conclusion.PLATFORM_ERROR: "Open the run's page, and check the platform's status page.",
        Conclusion.CANCELLED: "Runs that had started continue on the platform: stop them there if you don't want them.",
        Conclusion.INTERNAL_ERROR: "This is a bug in TestGate. Please report it with this log.",
    }
)


# Where no run is known, there is no page to open.
_WITHOUT_A_RUN: Mapping[Conclusion, str] = MappingProxyType(
    {
        Conclusion.FAILED: "",
        Conclusion.NOTHING_RAN: "Check what this step selects.",
        Conclusion.STOPPED: "Run the job again.",
        Conclusion.TIMED_OUT: "Raise `timeout`, or find out what the step waited for: its log says so.",
        Conclusion.PLATFORM_ERROR: "Check the platform's status page; then run the job again.",
    }
)


def remedy_for(conclusion: Conclusion, *, run: bool = True) -> str:
    """One or two sentences; "" for a conclusion that needs none. `run` says whether there is a run to look at."""
    found = _REMEDIES.get(conclusion, "")
    return found if run else _WITHOUT_A_RUN.get(conclusion, found)

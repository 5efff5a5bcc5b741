"""Any other CI, or a person's terminal: a readable log; outputs lie in the report directory."""

from testgate.platforms.words import Words

# CIs that are spoken to in words only, and that say who they are: nothing is missing there.
_KNOWN = (
    "TRAVIS",
    "CODEBUILD_BUILD_ID",
    "BUILDER_OUTPUT",
    "APPVEYOR",
    "SEMAPHORE",
    "CIRRUS_CI",
    "NETLIFY",
    "CM_BUILD_ID",
)


class Plain(Words):
    """Says things in words only."""

    name = "plain"

    @property
    def hint(self) -> str:
        """A container in which nothing but `CI` arrived speaks to a CI that it does not know."""
        if not self._get("CI") or any(map(self._get, _KNOWN)):
            return ""
        return (
            "this is a CI, but not which one: outputs are only in files, and the log is plain. If it is one that"
            " TestGate knows, name its variables in `docker run` with -e (docs/ci.md has the line), or set `platform`."
        )

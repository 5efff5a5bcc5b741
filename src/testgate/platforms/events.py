"""The payload of the event that started a workflow of GitHub, which Gitea and Forgejo copy."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

_CHANGE_REF = re.compile(r"refs/pull/(\d+)/")


class Event:
    """Reads facts from the payload, which is untrusted; a fact that isn't there is ""."""

    def __init__(self, environ: Mapping[str, str], read: Callable[[str], str]) -> None:
        self._path = environ.get("GITHUB_EVENT_PATH", "")
        self._read = read
        self._payload: Any = None

    def at(self, *names: str | int) -> Any:  # noqa: ANN401  # JSON of any shape
        """The value at this path; None if there is none."""
        if self._payload is None:
            self._payload = self._loaded()
        found = self._payload
        for name in names:
            try:
                found = found[name]
            except (KeyError, IndexError, TypeError):
                return None
        return found

    def text(self, *names: str | int) -> str:
        """The text or number at this path."""
        found = self.at(*names)
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""

    def change(self, ref: str) -> str:
        """The number of the pull request that the workflow runs for."""
        named = _CHANGE_REF.match(ref)
        return (
            (named.group(1) if named else "")
            or self.text("pull_request", "number")
            or self.text("workflow_run", "pull_requests", 0, "number")
        )

    def head_branch(self, repository: str) -> str:
        """The branch that another workflow ran for. A fork's branch is not the one of the same name here."""
        branch = self.text("workflow_run", "head_branch")
        owner, _, _name = (home := self.text("workflow_run", "head_repository", "full_name")).partition("/")
        return f"{owner}:{branch}" if branch and home and home != repository else branch

    def _loaded(self) -> Any:  # noqa: ANN401
        """The payload; an empty one if it can't be read."""
        try:
            return json.loads(self._read(self._path)) if self._path else {}
        except (OSError, ValueError, RecursionError):
            return {}

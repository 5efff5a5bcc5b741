"""A file of the workspace that steps of several jobs read, change and replace, one at a time."""

import contextlib
from collections.abc import Callable, Iterable, Iterator

from testgate.edges.workspace import Workspace
from testgate.errors import ReportError

LARGEST = 64 * 1024 * 1024  # bytes
_PAUSE_SECONDS = 0.05
_MOST_ASIDE = 100


class SharedFile:
    """The file that the user gave. `sleep` waits some seconds, `monotonic` tells the time."""

    def __init__(
        self,
        workspace: Workspace,
        given: str,
        *,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
    ) -> None:
        self._workspace = workspace
        self._path = workspace.place(given)
        self._sleep = sleep
        self._monotonic = monotonic

    def read(self) -> str:
        """The text.

        Raises:
            FileNotFoundError: there is no such file.
            OSError: it cannot be read.
            UnicodeError: it is not UTF-8.

        """
        return self._workspace.read(self._path, LARGEST)

    def write(self, chunks: Iterable[str]) -> None:
        """Replace the file: readers see the old one or the new one.

        Raises:
            ReportError: it could not be written.

        """
        self._workspace.write(self._path, chunks)

    def set_aside(self) -> str:
        """Rename the file, so that nothing of it is lost; returns the new name.

        Raises:
            ReportError: it could not be renamed.

        """
        for number in range(1, _MOST_ASIDE):
            name = f"{self._path.name}.set-aside{'' if number == 1 else f'-{number}'}"
            if self._workspace.rename(self._path, name):
                return name
        raise ReportError(f"could not set {self._path.name} aside: there are too many such files already")

    @contextlib.contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Keep other steps of this machine from changing the file.

        Raises:
            ReportError: another step holds it for longer than `seconds`, or the folder isn't there.

        """
        until = self._monotonic() + seconds
        with self._workspace.lockable(self._path) as lock:
            while not lock():
                if self._monotonic() >= until:
                    raise ReportError(f"another step has been changing {self._path.name} for {seconds:.0f} s")
                self._sleep(_PAUSE_SECONDS)
            yield

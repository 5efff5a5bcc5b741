"""Names of files that a system can't hold, before anything is written. Pure."""

from pathlib import PurePath, PureWindowsPath
from typing import Final

_PORTS: Final = [f"{port}{number}" for port in ("COM", "LPT") for number in "0123456789¹²³"]
_DEVICES: Final = frozenset(["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", *_PORTS])
_IMPOSSIBLE: Final = frozenset('<>:"|?*')
_FIRST_PRINTABLE = 32


def unusable(given: PurePath) -> str:
    """What is wrong with a path that the user gave, if this is Windows; "" if nothing."""
    if not isinstance(given, PureWindowsPath):
        return ""
    if bool(given.drive) != bool(given.root):
        return r"is neither in the workspace nor a whole path such as C:\reports"
    for name in given.parts[1 if given.anchor else 0 :]:
        if name == "..":
            continue
        if name.partition(".")[0].rstrip().upper() in _DEVICES:
            return f"contains {name!r}, which is the name of a device"
        if odd := [sign for sign in name if sign in _IMPOSSIBLE or ord(sign) < _FIRST_PRINTABLE]:
            return f"contains {odd[0]!r}, which no name can contain"
        if name.endswith((".", " ")):
            return f"contains {name!r}, and a dot or a space at the end of a name is dropped"
    return ""

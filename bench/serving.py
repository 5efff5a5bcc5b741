"""Commands and their seconds; a registry and a Docker daemon without images, for as long as they are measured."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

_READY_SECONDS = 30.0
_LONGEST_SECONDS = 600.0


@contextlib.contextmanager
def registry(root: Path) -> Iterator[str]:
    """An empty registry on the loopback device, which keeps what it is given below `root`; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    storage = {"filesystem": {"rootdirectory": f"{root}/registry"}}
    config = {"version": "0.1", "log": {"level": "error"}, "storage": storage, "http": {"addr": address}}
    (root / "registry.yml").write_text(json.dumps(config), encoding="utf-8")  # JSON is YAML
    with _started(_registry(root), _listens(address)):
        yield address


@contextlib.contextmanager
def daemon(root: Path, address: str) -> Iterator[str]:
    """A daemon that pulls and runs nothing, beside a second registry with the same files; its DOCKER_HOST.

    Both are in a network of their own: a daemon without a bridge removes the one of the machine's daemon, which would
    be left without a network.
    """
    host = f"unix://{root}/socket"
    folders = [f"--data-root={root}/data", f"--exec-root={root}/exec", f"--pidfile={root}/pid", f"--host={host}"]
    command = ["dockerd", *folders, "--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"]
    apart = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]
    with _started(apart, lambda: _works(["docker", "--host", host, "info"])) as pid:
        enter = ["nsenter", f"--net=/proc/{pid}/ns/net"]
        with _started([*enter, *_registry(root)], _listens(address, enter)):
            yield host


def _registry(root: Path) -> list[str]:
    """The command that serves what is below `root`."""
    return ["docker-registry", "serve", f"{root}/registry.yml"]


def _listens(address: str, enter: Sequence[str] = ()) -> Callable[[], bool]:
    """Asks whether something listens at an address."""
    host, _, port = address.partition(":")
    return lambda: _works([*enter, "bash", "-c", f"</dev/tcp/{host}/{port}"])


def _works(command: Sequence[str]) -> bool:
    """Whether a command succeeds."""
    return subprocess.run(command, capture_output=True, timeout=_READY_SECONDS, check=False).returncode == 0


@contextlib.contextmanager
def _started(command: Sequence[str], ready: Callable[[], bool]) -> Iterator[int]:
    """A process that serves, with its id; it is ended afterwards."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + _READY_SECONDS
            while not ready():
                if process.poll() is not None or time.monotonic() > until:
                    sys.exit(f"{command[0]} does not answer: {' '.join(command)}")
                time.sleep(0.2)
            yield process.pid
        finally:
            process.terminate()


def line(command: Sequence[str]) -> float:
    """Seconds until a command prints its first line."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        next(iter(process.stdout or ()))
        return time.perf_counter() - began


def took(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> float:
    """Seconds of a command."""
    began = time.perf_counter()
    ran(command, cwd, env)
    return time.perf_counter() - began


def ran(command: Sequence[str], cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
    """Run a command, and end with what it printed if it fails."""
    done = subprocess.run(
        command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LONGEST_SECONDS, check=False
    )
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout.decode()}{done.stderr.decode()}")


def docker_host() -> dict[str, str]:
    """The variables that lead to the daemon."""
    return {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}

"""TestGate: run remote test plans from CI and gate the build on their results."""

__version__ = "0.1.0"

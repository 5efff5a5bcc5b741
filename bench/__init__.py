"""Scripts that measure TestGate; see README.md."""

"""The simulated test management."""

"""Tests of the format for described platforms, and of the files that ship with TestGate."""

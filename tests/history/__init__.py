"""Tests of `testgate.history`."""

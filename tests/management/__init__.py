"""Tests of the test management systems."""

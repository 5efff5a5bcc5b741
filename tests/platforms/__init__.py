"""Tests of the CI adapters."""

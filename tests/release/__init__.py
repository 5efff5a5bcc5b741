"""Tests of the release process."""

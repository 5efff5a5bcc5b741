"""Tests of the comments on pull requests."""

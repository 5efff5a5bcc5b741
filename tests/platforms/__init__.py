"""Tests of the adapters of CIs."""

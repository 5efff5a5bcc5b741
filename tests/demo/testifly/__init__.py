"""Tests of the simulated Testifly."""

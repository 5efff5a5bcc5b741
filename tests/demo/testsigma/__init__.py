"""Tests of the simulated Testsigma."""

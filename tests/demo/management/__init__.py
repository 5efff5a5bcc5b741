"""Tests of the simulated Testsigma Test Management."""

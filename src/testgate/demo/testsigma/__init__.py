"""The simulated Testsigma."""

"""The simulated Testsigma Test Management."""

"""A soak test of the real engine, workflow and Testsigma provider against a model of the vendor with random faults."""

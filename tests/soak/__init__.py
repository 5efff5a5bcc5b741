"""A soak: the real engine, workflow and Testsigma provider against a model of the vendor and random faults."""

"""Tests of the inputs."""

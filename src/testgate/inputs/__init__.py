"""From an environment to typed inputs."""

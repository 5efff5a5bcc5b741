"""The entrypoint as a process, against the simulator over real HTTP."""

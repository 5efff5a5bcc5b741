"""The program without Docker, on systems that this one can only play."""

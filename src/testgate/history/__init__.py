"""What earlier builds said about the same tests: pure values, their file format, and the comparison with them."""

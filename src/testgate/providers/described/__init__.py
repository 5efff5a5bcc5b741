"""Test platforms that are described as data: the format of the file, and what plays it."""

"""Tests of the pages: what people copy from them works, and what they look up is there."""

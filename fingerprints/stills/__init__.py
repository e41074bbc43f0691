"""A still against a library: candidates, geometry, and what was altered."""

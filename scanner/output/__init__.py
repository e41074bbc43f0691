"""Writes the documents of a run: completely or not at all."""

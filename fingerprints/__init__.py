"""Fingerprints of pictures and sounds. Imports nothing of `scanner`."""

"""Fingerprints of pictures and sounds. Knows nothing of `scanner`."""

"""Indices of hashes and descriptors: exact, except for the inverted lists of descriptors."""

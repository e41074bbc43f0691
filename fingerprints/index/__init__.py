"""Exact indices of hashes and descriptors."""

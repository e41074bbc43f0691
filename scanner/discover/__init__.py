"""Finds what a delivery holds: roots, files, frame sequences, sidecars, and the use of each folder."""

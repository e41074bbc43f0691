"""The ground of `fingerprints` and `scanner`: bytes → structure, pixels, sound, time. Imports neither of them."""

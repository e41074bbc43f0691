"""The ground of `fingerprints` and `scanner`: bytes → structure, pixels, sound, time. It knows neither of them."""

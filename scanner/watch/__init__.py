"""A drop folder watched: each delivery is scanned once it has arrived."""

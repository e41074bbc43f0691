"""A reference library: catalogue, segments, clips."""

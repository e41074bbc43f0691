"""A programme decoded once, and where stills, clips and sounds appear in it."""

"""Reads what a programme shows and sounds like: at once, or in parts by several workers."""

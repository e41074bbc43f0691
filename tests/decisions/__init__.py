"""Worked decisions in tables that a producer can read, and what runs them."""

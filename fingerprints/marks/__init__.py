"""Marks in the picture: labels and logos of generators, preview marks, placeholder text."""

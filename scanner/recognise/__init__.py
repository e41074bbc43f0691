"""Compares finals with temporary and AI-marked material and with libraries."""

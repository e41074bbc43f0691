"""Writes, reads, checks and compares the lines of records.jsonl and the summary beside them."""

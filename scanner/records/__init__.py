"""The lines of records.jsonl and the summary beside them: written, read, checked against each other, compared."""

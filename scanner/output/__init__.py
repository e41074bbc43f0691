"""Where the documents of a run are written: whole or not at all."""

"""Where decoding can begin in the middle of a programme, and give exactly what a decode of all gives."""

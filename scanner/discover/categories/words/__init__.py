"""Folder names by language, one TOML file each: `en.toml` says how they are written."""

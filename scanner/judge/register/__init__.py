"""The register of AI uses: its columns, its files and its rows."""

"""The pictures of a report: thumbnails, and matches beside their references."""

"""Small stills for deliveries that a test scans, with or without the settings of a generator."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, PngImagePlugin

__all__ = ["SETTINGS", "still"]

SETTINGS = "a harbour\nSteps: 30, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: sd_xl_base_1.0"


def still(path: Path, colour: str | tuple[int, int, int] = "teal", words: str = "") -> None:
    """Write a PNG of one colour, with `words` as a generator's parameters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = PngImagePlugin.PngInfo()
    if words:
        info.add_text("parameters", words)
    Image.new("RGB", (64, 64), colour).save(path, pnginfo=info)

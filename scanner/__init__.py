"""provscan: what a delivery says of itself, judged before it is signed off."""

__version__ = "0.1.0"

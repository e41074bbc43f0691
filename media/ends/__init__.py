"""First, middle and last frame of each stream of a programme, decoded.

`look.py` has a file and its places, `aim.py` one stream at one place, `encryption.py` encrypted tracks.
"""

from media.ends.look import NotDecoded, decode_ends

__all__ = ["NotDecoded", "decode_ends"]

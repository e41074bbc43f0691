"""The words of references and matches, as libraries and records hold them. Imports nothing that computes."""

from __future__ import annotations

from media.words import OpenEnum

__all__ = ["Grade", "LineUp", "Measure", "Quality", "Relation", "Role", "Sense"]


class Role(OpenEnum):
    """Why a reference is in the library: it decides what a match means."""

    ARCHIVAL = "archival"
    """Licensed or found footage and photos: a match confirms or shows an alteration."""
    COPYRIGHTED = "copyrighted"
    """Somebody else's work that must not appear."""
    TALENT = "talent"
    """A person's likeness that needs consent."""
    TEMP = "temp"
    """Put in while cutting, to be replaced."""
    AI_MADE = "ai-made"
    """Made by a generative tool."""
    OWN = "own"
    """The production's own: an earlier episode, titles, a recap. Its use again is information, and no rule applies."""


class Quality(OpenEnum):
    """How good the reference's pixels are. Alteration is judged only against `master` and `scan`."""

    MASTER = "master"
    SCAN = "scan"
    PREVIEW = "preview"
    WATERMARKED = "watermarked"


class Relation(OpenEnum):
    """How an asset shows a reference."""

    EXACT = "exact"
    """The same bytes or pixels."""
    NEAR = "near"
    """The same framing; graded, grained, encoded again or with text over it."""
    REFRAMED = "reframed"
    EMBEDDED = "embedded"
    """A picture inside a scene."""
    MIRRORED = "mirrored"
    SEGMENT = "segment"
    """A part of a clip or a sound."""
    # Stated by `alteration` only, from the slightest to the gravest:
    GRADED = "graded"
    ENHANCED = "enhanced"
    """Fine detail differs everywhere, content nowhere. A model's upscale and a good resize look alike."""
    EXTENDED = "extended"
    """The picture continues, without a seam, beyond the reference's border."""
    RECOLOURED = "recoloured"
    """The structure is the reference's, colours are not."""
    ALTERED = "altered"
    """Registered, but regions differ."""
    RESYNTHESISED = "re-synthesised"
    """Registered, and different over much of the shared part."""


class Sense(OpenEnum):
    """Whether a reference is seen or heard. The two are never combined."""

    PICTURE = "picture"
    SOUND = "sound"


class Measure(OpenEnum):
    """The meaning of a segment's score."""

    INLIERS = "inliers"
    """Distinct points that agree on one geometry, in the best frame."""
    MOTION = "motion"
    """Correlation, 0 to 1, of what moves."""
    LIKENESS = "likeness"
    """Correlation, 0 to 1, of the pictures, where nothing moves."""
    LANDMARKS = "landmarks"
    """Peaks of the sound that are found at their place."""
    WAVEFORM = "waveform"
    """How far the agreement of waveforms stands out, in multiples of its spread."""
    CHROMAPRINT = "chromaprint"
    """1 − the share of bits that differ."""


class LineUp(OpenEnum):
    """The parts of a programme that are not content."""

    NO = "no"
    SIGNAL = "signal"
    """Colour bars; a tone, silence or room tone."""
    CARD = "card"
    """Words on an even ground: a slate, a title, a credit; or a leader that counts down."""


class Grade(OpenEnum):
    """How certain it is that content was changed."""

    NONE = "not altered"
    UNCERTAIN = "uncertain"
    """A person should check: the difference may be light, a screen or a transition."""
    ALTERED = "altered"

"""How each folder of a delivery was understood: its category, the name that decided it, and what it contains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scanner.discover.categories import Purpose, use_of
from scanner.model import Asset, Category, Kind

__all__ = ["UsedFolder", "list_folders"]

_MEDIA: Final = {Kind.IMAGE: "pictures", Kind.VIDEO: "programmes", Kind.AUDIO: "sounds"}


@dataclass(slots=True)
class UsedFolder:
    """A folder, and how the assets directly in it were understood."""

    root: str
    path: str
    """Within the root; empty for the root itself."""
    use: Purpose
    kinds: Counter[str] = field(default_factory=Counter)
    """How many `pictures`, `programmes`, `sounds` and `others` it contains."""

    @property
    def has_media(self) -> bool:
        """Whether anything in it is judged by what it is used for."""
        return any(self.kinds[word] for word in _MEDIA.values())

    @property
    def is_open(self) -> bool:
        """Whether a person should state what it is used for."""
        return self.has_media and (self.use.category is Category.UNCATEGORISED or bool(self.use.disputed))

    @property
    def glob(self) -> str:
        """The pattern of the files directly in it, for a `[categories]` table; of a root `*`, which is everything."""
        return f"{self.path}/*" if self.path else "*"

    @property
    def proposed(self) -> Category:
        """The category as which it is judged now."""
        if self.use.category is not Category.UNCATEGORISED:
            return self.use.category
        only_sounds = self.kinds["sounds"] == self.kinds.total()
        return Category.FINAL_AUDIO if only_sounds else Category.FINAL_PICTURE

    def to_json(self) -> Mapping[str, Any]:
        """A line for a program."""
        return {
            "root": self.root,
            "path": self.path,
            "glob": self.glob,
            "category": self.use.category.value,
            "proposed": self.proposed.value,
            "by": self.use.by,
            "is_set": self.use.is_set,
            "disputed": list(self.use.disputed),
            "is_open": self.is_open,
            "contains": dict(self.kinds),
        }


def list_folders(assets: Iterable[Asset], globs: tuple[tuple[str, Category], ...]) -> list[UsedFolder]:
    """Each folder with its files, as it was understood for the media in it; in the order of the walk."""
    found: dict[tuple[str, str, Category], UsedFolder] = {}
    for asset in assets:
        path = asset.path.rpartition("/")[0]
        use = use_of(asset.path, asset.kind, Path(asset.location).name, globs)
        folder = found.setdefault((asset.root, path, use.category), UsedFolder(asset.root, path, use))
        folder.kinds[_MEDIA.get(asset.kind, "others")] += 1
    media = {(folder.root, folder.path) for folder in found.values() if folder.has_media}
    return [one for one in found.values() if one.has_media or (one.root, one.path) not in media]

"""Folder names: what they are taken for in each language, and that no word among others makes an asset milder."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.discover.categories import languages, prove_vocabulary, use_of
from scanner.discover.categories.reading import WORKING, read_folder
from scanner.discover.categories.vocabulary import load_vocabulary
from scanner.model import Category, Kind

IMAGE, AUDIO = Kind.IMAGE, Kind.AUDIO


def taken(folders: str, kind: Kind = IMAGE, root: str = "EP101") -> tuple[str, tuple[str, ...]]:
    use = use_of(f"{folders}/a.bin" if folders else "a.bin", kind, root, ())
    return use.category.value, use.disputed


def test_every_language_proves_its_own_examples() -> None:
    assert not prove_vocabulary()
    assert len(languages()) == 8


@pytest.mark.parametrize(
    ("folder", "category"),
    [
        ("Final_Masters", "final-picture"), ("01_Masters_v2", "final-picture"), ("Export final", "final-picture"),
        ("FINAL MASTERS (2)", "final-picture"), ("finalMasters", "final-picture"), ("Entwürfe", "ideation"),
        ("Maquettes", "ideation"), ("Musik", "final-audio"), ("LC_EP101_Stems_5.1", "final-audio"),
        ("KeyArt", "artwork"), ("key art", "artwork"), ("TempVFX", "temp"), ("最終マスター", "final-picture"),
        ("ENTREGÁVEIS", "final-picture"), ("Endfassung_S01E03", "final-picture"), ("Bande-annonce_v4", "promo"),
    ],
)  # fmt: skip
def test_names_as_productions_write_them(folder: str, category: str) -> None:
    for written in (folder, unicodedata.normalize("NFD", folder), folder.upper(), f"03_{folder}", f"{folder}_v12"):
        if written != folder.upper() or any(char in folder for char in " _-"):  # capitals hide CamelCase
            assert taken(written)[0] == category, written


@pytest.mark.parametrize(
    ("folders", "category", "disputed"),
    [
        ("Legal/S01/EP101/Masters", "final-picture", ("Legal", "Masters")),
        ("Temp/Final_Masters", "final-picture", ("Temp", "Final_Masters")),
        ("Temp_Final", "final-picture", ("Temp_Final",)),
        ("Pitch/S01/Artwork", "artwork", ("Pitch", "Artwork")),
        ("Legal/S01/EP101", "uncategorised", ()),
        ("Social/S01/Masters", "final-picture", ()),
        ("Art/S01/Final", "final-picture", ()),
        ("Archive/2026/Masters", "final-picture", ()),
        ("VFX/Final", "final-picture", ()),
        ("Delivery/04_Temp", "temp", ()),
        ("Masters/Temp", "temp", ()),
        ("Temp/Music", "temp", ()),
        ("Temp/EP101/shots", "temp", ()),
        ("Ideation/Artwork", "ideation", ()),
        ("Temp/Reference", "temp", ()),
        ("Archival/Stills", "archival", ()),
        ("Delivery/VFX/plates", "vfx-element", ()),
        ("Promo/Masters", "promo", ()),
    ],
)
def test_folders_in_folders(folders: str, category: str, disputed: tuple[str, ...]) -> None:
    assert taken(folders) == (category, disputed)


def test_papers_are_papers_whatever_is_called_final() -> None:
    assert taken("Final Scripts", Kind.DOCUMENT) == ("documentation", ())
    assert taken("Masters/QC", Kind.DOCUMENT) == ("documentation", ())


def test_a_sound_among_masters_is_final_audio_and_a_film_among_sounds_is_a_picture() -> None:
    assert taken("Masters", AUDIO) == ("final-audio", ())
    assert taken("Audio", Kind.VIDEO) == ("final-picture", ())


def test_a_root_counts_where_no_folder_does_and_may_be_called_as_a_production_is() -> None:
    assert taken("", root="06_Temp") == ("temp", ())
    assert taken("shots", root="Final_Masters") == ("final-picture", ())
    assert taken("Temp", root="Masters") == ("temp", ())
    assert taken("shots", root="Pitch") == ("uncategorised", ())
    assert taken("", root="Concept_Masters_of_War") == ("final-picture", ("Concept_Masters_of_War",))


def test_the_users_glob_settles_a_dispute() -> None:
    use = use_of("Temp/Final/a.png", IMAGE, "EP", (("Temp/**", Category.TEMP),))
    assert (use.category, use.disputed, use.is_set) == (Category.TEMP, (), True)


WORDS = st.sampled_from(sorted(" ".join(key) for key in load_vocabulary().words))
OTHERS = st.sampled_from(["Lanterns", "Harbour", "Der Fluss", "Clarissa", "Netflix", "von", "old"])


@given(WORDS, OTHERS)
def test_a_word_among_others_never_makes_an_asset_milder(word: str, other: str) -> None:
    for name in (f"{word} {other}", f"{other}_{word}"):
        read = read_folder(name)
        assert read.category not in (*WORKING, Category.VFX_ELEMENT, Category.ARCHIVAL), name


@given(st.lists(WORDS, min_size=1, max_size=3), st.sampled_from(["Masters", "Endfassung", "納品", "Livrables"]))
def test_what_lies_in_a_finished_folder_is_never_working_material(folders: list[str], finished: str) -> None:
    category, _ = taken("/".join((*folders, finished)))
    assert Category(category) not in (*WORKING, Category.VFX_ELEMENT, Category.UNCATEGORISED)

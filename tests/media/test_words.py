"""Open vocabularies: a word of a later version is kept."""

from __future__ import annotations

import json
import pickle

import pytest

from fingerprints.vocabulary import Relation, Role
from media.words import OpenEnum, ProblemCode


@pytest.mark.parametrize("words", [Role, Relation, ProblemCode])
def test_a_word_of_this_version_is_its_member(words: type[OpenEnum]) -> None:
    for word in words:
        assert words(word.value) is word
        assert word.is_known
        assert pickle.loads(pickle.dumps(word)) is word  # noqa: S301 - our own


def test_a_word_of_a_later_version_is_kept() -> None:
    word = Role("borrowed")
    assert isinstance(word, Role)
    assert word == "borrowed"
    assert str(word) == f"{word}" == json.loads(json.dumps(word)) == "borrowed"
    assert {"borrowed": 1}[word] == 1
    assert not word.is_known
    assert word not in tuple(Role)
    assert pickle.loads(pickle.dumps(word)) == word  # noqa: S301 - our own


def test_such_words_are_not_remembered() -> None:
    before = len(Role._value2member_map_)
    assert [Role(f"word {number}") for number in range(100)] == [f"word {number}" for number in range(100)]
    assert len(Role._value2member_map_) == before


@pytest.mark.parametrize("nothing", [None, 5, ["archival"]])
def test_what_is_no_word_is_refused(nothing: object) -> None:
    with pytest.raises(ValueError, match="is not a valid Role"):
        Role(nothing)

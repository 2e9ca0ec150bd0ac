"""Encrypted files: what went in comes out, and nothing else ever does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clasio_backend.core.ids import new_id
from clasio_backend.integrations.storage.errors import FileDamaged
from clasio_backend.integrations.storage.sealing import Key, new_secret, opened, sealed

KEY = Key(new_id(), new_secret())
PLACE = "organization/ab/abcdef"
PIECE = 64 * 1024
SIZES = [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 17, 5 * PIECE]
HEADER_BYTES = 48


def store(plain: bytes, in_pieces_of: int = 50_000) -> bytes:
    pieces = (plain[start : start + in_pieces_of] for start in range(0, len(plain), in_pieces_of))
    return b"".join(sealed(pieces, KEY, PLACE))


def load(stored: bytes, in_pieces_of: int = 70_000, place: str = PLACE) -> bytes:
    pieces = (stored[start : start + in_pieces_of] for start in range(0, len(stored), in_pieces_of))
    return b"".join(opened(pieces, {KEY.id: KEY.secret}.__getitem__, place))


def content(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(size % 256)


@given(size=st.sampled_from(SIZES), into=st.integers(1_000, 300_000), out_of=st.integers(30, 300_000))
def test_what_went_in_comes_out(size: int, into: int, out_of: int) -> None:
    assert load(store(content(size), into), out_of) == content(size)


def test_the_same_file_twice_looks_different_and_shows_nothing() -> None:
    plain = b"the board will sell the company in March " * 100
    one, other = store(plain), store(plain)
    assert one != other
    assert b"company" not in one


@given(size=st.sampled_from(SIZES), where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_no_bit_can_be_turned(size: int, where: float, bit: int) -> None:
    stored = bytearray(store(content(size)))
    stored[int(where * len(stored))] ^= 1 << bit
    with pytest.raises((FileDamaged, KeyError)):  # KeyError: it was a bit of the key's id
        load(bytes(stored))


@given(size=st.sampled_from(SIZES), where=st.floats(0, 1, exclude_max=True))
def test_no_end_can_be_cut_off(size: int, where: float) -> None:
    stored = store(content(size))
    with pytest.raises(FileDamaged):
        load(stored[: int(where * len(stored))])


def test_whole_pieces_cannot_go_missing_change_places_or_be_added() -> None:
    stored = store(content(3 * PIECE))
    header, one = stored[:HEADER_BYTES], PIECE + 17
    first, second, third = (stored[HEADER_BYTES + number * one :][:one] for number in range(3))
    for parts in ([first], [first, second], [second, third], [second, first, third], [first, second, third, third]):
        with pytest.raises(FileDamaged):
            load(b"".join([header, *parts]))


def test_a_file_in_another_s_place_does_not_open() -> None:
    with pytest.raises(FileDamaged):
        load(store(b"a contract"), place="another organization/ab/abcdef")


def test_bytes_that_were_never_encrypted_are_no_file() -> None:
    with pytest.raises(FileDamaged):
        load(b"%PDF-1.7 put here by somebody who can write to the store" * 10)

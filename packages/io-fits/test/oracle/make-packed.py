"""Writes golden/blocks.fits.bz2: an image of 150 000 numbers in two bzip2 streams of
100 kB blocks. Needs Python 3, nothing else."""
import bz2
import pathlib
import struct


def card(key, value):
    return f"{key:<8}= {value:>20}".ljust(80)


n = 150_000
cards = [card("SIMPLE", "T"), card("BITPIX", 16), card("NAXIS", 1), card("NAXIS1", n), "END".ljust(80)]
values = [i * 7919 % 4093 - i * i % 13 - (i % 4093 if i % 5000 < 900 else 0) for i in range(n)]
data = struct.pack(f">{n}h", *values)
whole = "".join(cards).encode().ljust(2880) + data + bytes(-len(data) % 2880)
golden = pathlib.Path(__file__).parent.parent / "golden" / "blocks.fits.bz2"
half = len(whole) // 2
golden.write_bytes(bz2.compress(whole[:half], 1) + bz2.compress(whole[half:], 1))

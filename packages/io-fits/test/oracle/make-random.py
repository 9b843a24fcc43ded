"""Writes random FITS files with astropy: images and tables of every type, scaled, with nulls, of variable length.

Usage: make-random.py FOLDER COUNT SEED. The files are FOLDER/0.fits and so on.
"""
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')
folder, count, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
# Put into the header afterwards: astropy fails to store scaled numbers as integers by itself.
SCALES = {'scaled': {'TSCAL': 0.5, 'TZERO': 10.0}, 'signed': {'TZERO': -128}}
TYPES = ['u1', 'i1', 'i2', 'u2', 'i4', 'u4', 'i8', 'u8', 'f4', 'f8']
FORMS = {'u1': 'B', 'i2': 'I', 'i4': 'J', 'i8': 'K', 'f4': 'E', 'f8': 'D', 'c8': 'C', 'c16': 'M'}


def numbers(rng, dtype, shape):
    """Random bits: every value of the type, NaN and infinities of floats among them."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer(rng.bytes(size), dtype).reshape(shape) if size else np.zeros(shape, dtype)


def header(rng):
    out = fits.Header()
    for i in range(rng.integers(0, 6)):
        value = rng.choice([1, 2, 3, 4, 5])
        # Two quotes side by side in a string that is continued come back from astropy 5 as one.
        text = ''.join(chr(c) for c in rng.integers(32, 127, rng.integers(0, 100))).replace("'", ' ')
        out[f'KEY{i}'] = [int(rng.integers(-2**62, 2**62)), float(rng.normal() * 10.0 ** rng.integers(-30, 30)), bool(i % 2), text, None][value - 1]
    if rng.integers(2):
        out['HIERARCH ESO INS A B'] = 'hierarchical'
        out.add_history('made at random')
    return out


def image(rng, kind):
    shape = tuple(rng.integers(1, 6, rng.integers(1, 4)))
    dtype = rng.choice(TYPES)
    if rng.integers(5) == 0:
        hdu = kind(rng.normal(size=shape).astype('f4') * 100, header(rng))
        hdu.scale('int16', bscale=0.25, bzero=3.5)
        return hdu
    return kind(numbers(rng, dtype, shape), header(rng), **({} if dtype == 'i1' else {'uint': True}))


def column(rng, name, rows):
    kind = rng.integers(9)
    shape = tuple(rng.integers(1, 4, rng.integers(0, 3)))
    n = int(np.prod(shape))
    dim = None if len(shape) < 2 else '(' + ','.join(str(axis) for axis in reversed(shape)) + ')'
    unit = rng.choice(['', 'km/s', 'Jy']) or None
    if kind == 0:
        texts = [''.join(chr(c) for c in rng.integers(33, 127, rng.integers(0, 9))) for _ in range(rows)]
        return fits.Column(name, '9A', unit, array=np.array(texts, dtype='S9'))
    if kind == 1:
        return fits.Column(name, f'{n}L', dim=dim, array=rng.integers(0, 2, (rows, *shape)).astype(bool))
    if kind == 2:
        bits = int(rng.integers(2, 20))
        return fits.Column(name, f'{bits}X', array=rng.integers(0, 2, (rows, bits)).astype(bool))
    if kind == 3:
        dtype, form = [('c8', 'C'), ('c16', 'M')][rng.integers(2)]
        return fits.Column(name, f'{n}{form}', unit, dim=dim, array=rng.normal(size=(rows, *shape)).astype(dtype))
    if kind == 4:
        dtype = rng.choice(list(FORMS))
        arrays = np.empty(rows, dtype=object)
        for row in range(rows):
            arrays[row] = rng.integers(0, 100, rng.integers(0, 5)).astype(dtype)
        return fits.Column(name, f'{rng.choice(["P", "Q"])}{FORMS[dtype]}()', unit, array=arrays)
    if kind == 5:
        return fits.Column(name + ' scaled', 'I', unit, array=rng.integers(-1000, 1000, rows))
    if kind == 6:
        values = rng.integers(-100, 100, rows).astype('i4')
        return fits.Column(name, 'J', unit, null=int(rng.choice([-99, 7])), array=values)
    dtype = rng.choice(TYPES)
    if dtype in ('u2', 'u4', 'u8'):
        letter = FORMS['i' + dtype[1]]
        zero = 2 ** (8 * int(dtype[1]) - 1)
        return fits.Column(name, letter, unit, bzero=zero, array=numbers(rng, dtype, (rows,)))
    if dtype == 'i1':
        return fits.Column(name + ' signed', 'B', unit, array=numbers(rng, 'u1', (rows,)))
    return fits.Column(name, f'{n}{FORMS[dtype]}', unit, dim=dim, array=numbers(rng, dtype, (rows, *shape)))


def ascii_table(rng):
    rows = int(rng.integers(1, 8))
    texts = [''.join(chr(c) for c in rng.integers(33, 127, rng.integers(0, 9))) for _ in range(rows)]
    return fits.TableHDU.from_columns(
        [
            fits.Column('I', 'I10', array=rng.integers(-(10**8), 10**8, rows)),
            fits.Column('E', 'E15.7', 'mag', array=rng.normal(size=rows).astype('f4')),
            fits.Column('D', 'D25.16', array=rng.normal(size=rows) * 1e200),
            fits.Column('F', 'F12.4', array=np.round(rng.normal(size=rows) * 1000, 4)),
            fits.Column('A', 'A9', array=np.array(texts)),
        ]
    )


for index in range(count):
    rng = np.random.default_rng([seed, index])
    hdus = [image(rng, fits.PrimaryHDU)]
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(5)
        rows = int(rng.integers(1, 12))
        if kind == 0:
            hdus.append(image(rng, fits.ImageHDU))
        elif kind == 1:
            hdus.append(ascii_table(rng))
        else:
            names = [f'c{i}' for i in range(rng.integers(1, 8))]
            columns = [column(rng, name, rows) for name in names]
            hdus.append(fits.BinTableHDU.from_columns(columns, header(rng), nrows=rows, uint=True))
    path = folder / f'{index}.fits'
    fits.HDUList(hdus).writeto(path, checksum=bool(index % 2))
    for place, hdu in enumerate(hdus):
        for n, name in enumerate(getattr(getattr(hdu, 'columns', None), 'names', []), 1):
            # Sums would be wrong from then on.
            if index % 2 == 0:
                for key, value in SCALES.get(name.split(' ')[-1], {}).items():
                    fits.setval(path, f'{key}{n}', value=value, ext=place)

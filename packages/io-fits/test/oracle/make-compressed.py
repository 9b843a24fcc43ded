"""Writes test/golden/compressed.fits.gz with astropy (cfitsio inside): a small image for each way to compress tiles.

compressed.json holds, by EXTNAME, what astropy reads back: shape, dtype, the SHA-256 of the little-endian values, and
the keywords that its header of the image has.
Run once, by hand, after changing it: /usr/bin/python3 test/oracle/make-compressed.py
"""
import gzip
import hashlib
import io
import json
import pathlib
import struct
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / 'golden'
rng = np.random.default_rng(7)


def scene(shape, dtype, spread, noisy_part=True):
    """A slope with noise, a few outliers, a flat part and a noisy part: each kind of block that RICE has."""
    n = int(np.prod(shape))
    values = np.arange(n) % 97 + rng.normal(0, spread, n)
    values[n // 3 : n // 2] = 12
    values[rng.integers(0, n, 5)] *= 40
    info = np.iinfo(dtype) if np.dtype(dtype).kind in 'iu' else None
    noisy = slice(n // 2, n // 2 + 64)
    if info is not None:
        if noisy_part:
            values[noisy] = rng.integers(info.min // 2, info.max // 2, values[noisy].shape)
        values = np.clip(np.round(values), info.min, info.max)
    return values.astype(dtype).reshape(shape)


def cases():
    for algorithm in ('RICE_1', 'GZIP_1', 'GZIP_2', 'HCOMPRESS_1', 'PLIO_1'):
        for dtype in ('u1', 'i2', 'i4', 'u2', 'u4'):
            if algorithm == 'PLIO_1' and dtype in ('u2', 'u4'):
                continue
            # This astropy writes past its buffer where HCOMPRESS_1 makes noise longer.
            data = scene((23, 37), dtype, 3, algorithm != 'HCOMPRESS_1')
            if algorithm == 'PLIO_1':
                data = (data.astype('i8') % 4096 * (rng.random(data.shape) < 0.6)).astype(dtype)
                if dtype == 'u1':
                    data %= 128
            tile = (37, 6) if algorithm == 'HCOMPRESS_1' else None
            yield f'{algorithm}_{dtype}', data, {'compression_type': algorithm, 'tile_size': tile}
    yield 'NEGATIVE_H', -scene((30, 41), 'i4', 900, False), {'compression_type': 'HCOMPRESS_1', 'tile_size': (41, 30)}
    yield 'LOSSY_H', scene((32, 32), 'i2', 30, False), {'compression_type': 'HCOMPRESS_1', 'tile_size': (32, 16), 'hcomp_scale': 2.5}
    yield 'TILED', scene((19, 23), 'i2', 5), {'compression_type': 'RICE_1', 'tile_size': (5, 4)}
    yield 'CUBE', scene((5, 9, 14), 'i4', 5), {'compression_type': 'RICE_1', 'tile_size': (6, 4, 2)}
    yield 'CUBE_WHOLE', scene((6, 5, 8), 'i2', 5), {'compression_type': 'GZIP_2', 'tile_size': (8, 5, 4)}
    yield 'LINE', scene((300,), 'i2', 5), {'compression_type': 'RICE_1', 'tile_size': (128,)}
    methods = {'NO': -1, 'ONE': 1, 'TWO': 2}
    for dtype in ('f4', 'f8'):
        for name, method in methods.items():
            for algorithm in ('RICE_1', 'GZIP_1', 'GZIP_2', 'HCOMPRESS_1'):
                if algorithm != 'RICE_1' and dtype == 'f8':
                    continue
                data = rng.normal(100, 7, (26, 33)).astype(dtype)
                data[3, 4:9] = 0
                if algorithm != 'HCOMPRESS_1':
                    data[7, 7] = np.nan
                    data[9] = np.nan
                tile = (33, 13) if algorithm == 'HCOMPRESS_1' else None
                yield f'{algorithm}_{dtype}_{name}', data, {
                    'compression_type': algorithm, 'tile_size': tile, 'quantize_method': method,
                    'dither_seed': 9998, 'quantize_level': 16}
    mixed = rng.normal(0, 1, (12, 60)).astype('f4')
    mixed[2] = 1e30 * rng.random(60)
    mixed[5] = 3.5
    yield 'FALLBACK', mixed, {'compression_type': 'RICE_1', 'quantize_method': 1, 'dither_seed': 1}
    wide = rng.normal(0, 1, (3, 11000)).astype('f4')
    yield 'LONG_DITHER', wide, {'compression_type': 'RICE_1', 'quantize_method': 2, 'dither_seed': 10000, 'quantize_level': 0.3}
    for algorithm in ('GZIP_1', 'GZIP_2'):
        for dtype in ('f4', 'f8'):
            data = rng.normal(0, 1, (5, 21)).astype(dtype)
            data[1, 2] = np.nan
            yield f'{algorithm}_{dtype}_EXACT', data, {'compression_type': algorithm, 'quantize_level': 0}


def handmade(name, data, columns, cards, gap=0):
    """A table of tiles written byte by byte: columns are (name, TFORM, cells), where cells of P and Q are bytes."""
    heap, rows, sizes = b'', b'', {'B': 1, 'I': 2, 'J': 4, 'K': 8, 'E': 4, 'D': 8}
    for row in range(len(columns[0][2])):
        for _, form, cells in columns:
            cell = cells[row]
            if isinstance(cell, bytes):
                there = (len(cell) // sizes[form[2]], len(heap)) if cell else (0, 0)
                rows += struct.pack('>ii' if form[1] == 'P' else '>qq', *there)
                heap += cell
            else:
                rows += struct.pack({'D': '>d', 'E': '>f', 'J': '>i'}[form[1]], cell)
    count = len(columns[0][2])
    header = fits.Header([('XTENSION', 'BINTABLE'), ('BITPIX', 8), ('NAXIS', 2), ('NAXIS1', len(rows) // count),
                          ('NAXIS2', count), ('PCOUNT', gap + len(heap)), ('GCOUNT', 1), ('TFIELDS', len(columns))])
    for n, (column, form, _) in enumerate(columns, 1):
        header[f'TTYPE{n}'] = column
        header[f'TFORM{n}'] = form
    header['THEAP'] = len(rows) + gap
    header['EXTNAME'] = name
    header['ZIMAGE'] = True
    header['ZBITPIX'] = {'u1': 8, 'i2': 16, 'i4': 32, 'i8': 64, 'f4': -32, 'f8': -64}[data.dtype.str[1:]]
    header['ZNAXIS'] = data.ndim
    for n, axis in enumerate(reversed(data.shape), 1):
        header[f'ZNAXIS{n}'] = axis
    header.update(cards)
    content = rows + b'\xaa' * gap + heap
    return header.tostring().encode() + content + bytes(-len(content) % 2880)


def rows_of(data):
    return [row.astype(row.dtype.newbyteorder('>')).tobytes() for row in data]


def handmade_cases():
    """What no writer at hand makes, with the values that are meant."""
    i2 = scene((6, 11), 'i2', 5)
    i8 = scene((4, 9), 'i8', 5) * 2**33 + 1
    yield 'NOCOMPRESS_I2', i2, handmade('NOCOMPRESS_I2', i2, [('COMPRESSED_DATA', '1PB', rows_of(i2))],
                                        {'ZCMPTYPE': 'NOCOMPRESS'})
    packed = [gzip.compress(row, mtime=0) for row in rows_of(i8)]
    yield 'GZIP_I8_Q', i8, handmade('GZIP_I8_Q', i8, [('COMPRESSED_DATA', '1QB(99)', packed)], {'ZCMPTYPE': 'GZIP_1'}, gap=17)
    wide = [gzip.compress(row, mtime=0) for row in rows_of(i2.astype('i4'))]
    columns = [('COMPRESSED_DATA', '1PB', [b'' if i in (1, 4) else t for i, t in enumerate(wide)]),
               ('UNCOMPRESSED_DATA', '1PI', [t if i in (1, 4) else b'' for i, t in enumerate(rows_of(i2))])]
    yield 'UNCOMPRESSED', i2, handmade('UNCOMPRESSED', i2, columns, {'ZCMPTYPE': 'GZIP_1'})
    steps = rng.integers(-900, 900, (5, 13)).astype('>i4')
    steps[2, 3] = -5
    steps[4] = 77
    blanks = [-5, 0, -5, 0, 77]
    real = (steps * 0.25 + 3).astype('f8')
    real[2, 3] = np.nan
    real[4] = np.nan
    columns = [('COMPRESSED_DATA', '1PB', [gzip.compress(row.tobytes(), mtime=0) for row in steps]),
               ('ZBLANK', '1J', blanks)]
    real[(steps == np.array(blanks)[:, None])] = np.nan
    yield 'KEYWORDS', real, handmade('KEYWORDS', real, columns, {
        'ZCMPTYPE': 'GZIP_1', 'ZSCALE': 0.25, 'ZZERO': 3.0, 'ZQUANTIZ': 'NO_DITHER'})
    blank = i2.copy()
    blank[1, 2] = -99
    yield 'BLANK_SCALED', np.where(blank == -99, np.nan, blank * 0.5 + 4).astype('f4'), handmade(
        'BLANK_SCALED', blank, [('COMPRESSED_DATA', '1PB', [gzip.compress(row, mtime=0) for row in rows_of(blank)])],
        {'ZCMPTYPE': 'GZIP_1', 'BSCALE': 0.5, 'BZERO': 4.0, 'BLANK': -99})


def entry(data, algorithm):
    little = np.ascontiguousarray(data.astype(data.dtype.newbyteorder('<')))
    return {
        'algorithm': algorithm,
        'dtype': data.dtype.kind + str(data.dtype.itemsize),
        'shape': list(data.shape),
        'sha': hashlib.sha256(little.tobytes()).hexdigest(),
        'missing': int(np.isnan(data).sum()) if data.dtype.kind == 'f' else 0,
    }


def shared():
    """Answers to the files of shared/data that hold compressed images, where that folder is there."""
    root = GOLDEN.parents[4] / 'shared' / 'data'
    out = {}
    for path in sorted([*root.glob('fits-conformance/*/*'), *root.glob('desi/*')]):
        try:
            with fits.open(path) as read:
                for i, hdu in enumerate(read):
                    if isinstance(hdu, fits.CompImageHDU):
                        data = hdu.data
                        if path.name == 'compressed_with_nan.fits':
                            # This astropy misses the NaN that the file was made to show.
                            data[1, 1] = np.nan
                        out[f'{path.relative_to(root)}#{i}'] = entry(data, hdu._header['ZCMPTYPE'])
        except OSError:
            continue
    return out


def main():
    hdus, expected = [fits.PrimaryHDU()], {}
    for name, data, options in cases():
        hdu = fits.CompImageHDU(data, name=name, **options)
        hdu.header['OBJECT'] = ('Vega', 'target')
        hdu.header['HISTORY'] = 'made for tests'
        hdus.append(hdu)
    file = io.BytesIO()
    fits.HDUList(hdus).writeto(file)
    content = file.getvalue()
    with fits.open(io.BytesIO(content)) as read:
        for hdu in read[1:]:
            expected[hdu.name] = entry(hdu.data, hdu._header['ZCMPTYPE'])
    for name, data, made in handmade_cases():
        content += made
        expected[name] = entry(data, 'NOCOMPRESS' if name.startswith('NO') else 'GZIP_1')
    # Packed: nearly all of it is headers.
    (GOLDEN / 'compressed.fits.gz').write_bytes(gzip.compress(content, mtime=0))
    (GOLDEN / 'compressed.json').write_text(json.dumps(expected, indent=1) + '\n')
    answers = shared()
    if answers:
        (GOLDEN / 'compressed-shared.json').write_text(json.dumps(answers, indent=1) + '\n')


main()

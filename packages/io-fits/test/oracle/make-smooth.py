"""Writes test/golden/smooth.fits.gz: lossy HCOMPRESS_1 images that ask to be smoothed (SMOOTH = 1).

smooth.json holds, by EXTNAME, what fitsio (cfitsio) reads: shape, dtype, the SHA-256 of the little-endian values.
Run once, by hand, after changing it: /usr/bin/python3 test/oracle/make-smooth.py
"""
import gzip
import hashlib
import io
import json
import pathlib
import tempfile
import warnings

import fitsio
import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / 'golden'
rng = np.random.default_rng(11)


def scene(shape, spread):
    y, x = np.indices(shape)
    stars = sum(a * np.exp(-((x - i) ** 2 + (y - j) ** 2) / 9) for a, i, j in ((900, 12, 9), (3000, 25, 20), (-700, 6, 24)))
    return 200 + x * 2 - y + stars + rng.normal(0, spread, shape)


def cases():
    yield 'I2', np.round(scene((48, 40), 12)).astype('i2'), (40, 16), 4.0
    yield 'I2_ODD', np.round(scene((41, 37), 9)).astype('i2'), (37, 41), 3.0
    yield 'I4', np.round(scene((33, 64), 3000) * 50).astype('i4'), (32, 33), 2.0
    yield 'U1', (np.clip(scene((32, 32), 5) / 8, 0, 150) + 50).astype('u1'), (32, 32), 5.0
    yield 'NEGATIVE', np.round(-scene((30, 30), 40)).astype('i4'), (30, 15), 6.0
    yield 'F4', scene((36, 36), 7).astype('f4'), (36, 18), 4.0


def main():
    hdus, plain, expected = [fits.PrimaryHDU()], {}, {}
    for name, data, tile, scale in cases():
        plain[name] = data
        hdus.append(fits.CompImageHDU(data, name=name, compression_type='HCOMPRESS_1', tile_size=tile,
                                      hcomp_scale=scale, hcomp_smooth=1, quantize_level=16))
    file = io.BytesIO()
    fits.HDUList(hdus).writeto(file)
    with tempfile.NamedTemporaryFile(suffix='.fits') as written:
        written.write(file.getvalue())
        written.flush()
        for name, data in plain.items():
            read = fitsio.read(written.name, ext=name)
            assert not np.array_equal(read, data), 'lossy, or smoothing changes nothing'
            little = np.ascontiguousarray(read.astype(read.dtype.newbyteorder('<')))
            expected[name] = {'shape': list(read.shape), 'dtype': read.dtype.kind + str(read.dtype.itemsize),
                              'sha': hashlib.sha256(little.tobytes()).hexdigest()}
    (GOLDEN / 'smooth.fits.gz').write_bytes(gzip.compress(file.getvalue(), mtime=0))
    (GOLDEN / 'smooth.json').write_text(json.dumps(expected, indent=1) + '\n')


main()

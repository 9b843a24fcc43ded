"""Writes test/golden/tables.fits.gz and tables-packed.fits.gz: one table of every kind of column, plain and as fpack packs it.

The first is the truth for the second. compressed-tables-shared.json holds, for the compressed tables of shared/data,
the SHA-256 of each column's little-endian values as funpack unpacks them (strings: joined by newlines).
Run once, by hand, after changing it, where fpack is installed: /usr/bin/python3 test/oracle/make-compressed-tables.py
"""
import gzip
import hashlib
import json
import pathlib
import subprocess
import tempfile
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / 'golden'
rng = np.random.default_rng(5)
ROWS = 130


def ragged(dtype, most):
    arrays = np.empty(ROWS, dtype=object)
    for row in range(ROWS):
        count = 0 if row % 7 == 3 else int(rng.integers(1, most))
        # Short noise does not get shorter, long slopes do: both forms.
        values = np.arange(count) % 50 if row % 2 else rng.integers(0, 100, count)
        arrays[row] = values.astype(dtype)
    return arrays


def columns():
    n = ROWS
    slope = np.arange(n)
    yield fits.Column('flag', 'L', array=rng.random(n) < 0.5)
    yield fits.Column('bits', '11X', array=rng.random((n, 11)) < 0.5)
    yield fits.Column('byte', 'B', array=(slope % 200).astype('u1'))
    yield fits.Column('short', 'I', array=(slope * 3 - 100).astype('i2'), null=-91)
    yield fits.Column('ushort', 'I', bzero=32768, array=(slope * 400).astype('u2'))
    yield fits.Column('int', 'J', array=rng.integers(-10**6, 10**6, n).astype('i4'), unit='s')
    yield fits.Column('cell', '6J', dim='(3,2)', array=rng.integers(0, 9, (n, 2, 3)).astype('i4'))
    yield fits.Column('long', 'K', array=rng.integers(-2**60, 2**60, n))
    yield fits.Column('real', 'E', array=np.where(slope % 9 == 4, np.nan, rng.normal(0, 1, n)).astype('f4'))
    yield fits.Column('double', '3D', array=rng.normal(5000, 300, (n, 3)))
    yield fits.Column('complex', 'C', array=(slope + 1j).astype('c8'))
    yield fits.Column('name', '9A', array=np.array([f'star {i}' for i in range(n)]))
    yield fits.Column('empty', '0D', array=np.zeros((n, 0)))
    for form, dtype in (('PB()', 'u1'), ('PI()', 'i2'), ('PJ()', 'i4'), ('QJ()', 'i4'), ('PK()', 'i8'), ('PE()', 'f4'), ('QD()', 'f8')):
        yield fits.Column(f'var_{form[:2]}', form, array=ragged(dtype, 90))
    yield fits.Column('var_PA', 'PA()', array=np.array(['x' * (i % 9) + str(i) for i in range(n)], dtype=object))


def main():
    table = fits.BinTableHDU.from_columns(list(columns()), name='STARS')
    table.header['FZTILELN'] = 50
    table.header['OBJECT'] = ('Vega', 'target')
    names = table.columns.names
    for name, algorithm in (('short', 'RICE_1'), ('byte', 'RICE_1'), ('var_PB', 'RICE_1'), ('var_PI', 'RICE_1'),
                            ('double', 'GZIP_1'), ('int', 'GZIP_2'), ('var_QJ', 'GZIP_2'), ('var_PJ', 'RICE_1')):
        table.header[f'FZALG{names.index(name) + 1}'] = algorithm
    with tempfile.TemporaryDirectory() as folder:
        plain = pathlib.Path(folder) / 'tables.fits'
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(plain)
        subprocess.run(['fpack', '-table', plain], check=True)
        for path, name in ((plain, 'tables'), (pathlib.Path(f'{plain}.fz'), 'tables-packed')):
            (GOLDEN / f'{name}.fits.gz').write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    root = GOLDEN.parents[4] / 'shared' / 'data'
    answers = {}
    for path in sorted(root.glob('fits-conformance/*/*.fz')):
        with tempfile.TemporaryDirectory() as folder:
            unpacked = pathlib.Path(folder) / 'unpacked.fits'
            subprocess.run(['funpack', '-O', unpacked, path], check=True)
            with fits.open(unpacked) as hdus:
                answers[str(path.relative_to(root))] = described(hdus[1], unpacked.read_bytes())
    if answers:
        (GOLDEN / 'compressed-tables-shared.json').write_text(json.dumps(answers, indent=1) + '\n')


def described(hdu, content):
    """By hand: astropy wants names, which these tables have not."""
    header = hdu.header
    rows, width, offset, out = header['NAXIS2'], header['NAXIS1'], 0, []
    start = hdu.fileinfo()['datLoc']
    data = np.frombuffer(content[start:start + rows * width], 'u1').reshape(rows, width)
    for n in range(1, header['TFIELDS'] + 1):
        form = header[f'TFORM{n}']
        letter, count = form[-1], int(form[:-1] or 1)
        dtype = {'A': 'u1', 'I': '>i2', 'E': '>f4', 'D': '>f8', 'J': '>i4'}[letter]
        size = np.dtype(dtype).itemsize * count
        values = np.frombuffer(data[:, offset:offset + size].tobytes(), dtype)
        content = values.astype(values.dtype.newbyteorder('<')).tobytes()
        if letter == 'A':
            chars = int(header.get(f'TDIM{n}', f'({count})').strip('()').split(',')[0])
            cells = [content[at:at + chars] for at in range(0, len(content), chars)]
            content = b'\n'.join(cell.split(b'\0')[0].rstrip(b' ') for cell in cells)
        out.append({'format': form, 'sha': hashlib.sha256(content).hexdigest()})
        offset += size
    return {'rows': rows, 'columns': out}


main()

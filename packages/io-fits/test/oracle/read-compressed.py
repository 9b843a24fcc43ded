"""Reads files with astropy and, where they are installed, fitsio and funpack; writes what they hold as JSON to stdout.

Arguments: FITS files. Output: {path: {reader: {EXTNAME: {dtype, shape, sha}}}}; the SHA-256 is of little-endian values,
with every NaN made the same.
"""
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from astropy.io import fits

try:
    import fitsio
except ImportError:
    fitsio = None

warnings.simplefilter('ignore')


def describe(data):
    data = np.asarray(data)
    little = np.ascontiguousarray(data.astype(data.dtype.newbyteorder('<')))
    if little.dtype.kind == 'f':
        little[np.isnan(little)] = np.nan
    return {'dtype': data.dtype.kind + str(data.dtype.itemsize), 'shape': list(data.shape),
            'sha': hashlib.sha256(little.tobytes()).hexdigest()}


def by_astropy(path):
    with fits.open(path) as hdus:
        return {hdu.name: describe(hdu.data) for hdu in hdus if hdu.data is not None}


def by_fitsio(path):
    with fitsio.FITS(path) as hdus:
        return {hdu.get_extname(): describe(hdu.read()) for hdu in hdus if hdu.has_data()}


def by_funpack(path):
    with tempfile.TemporaryDirectory() as folder:
        plain = str(pathlib.Path(folder) / 'plain.fits')
        subprocess.run(['funpack', '-O', plain, path], check=True)
        return by_astropy(plain)


readers = {'astropy': by_astropy}
if fitsio:
    readers['fitsio'] = by_fitsio
if shutil.which('funpack'):
    readers['funpack'] = by_funpack
json.dump({path: {name: read(path) for name, read in readers.items()} for path in sys.argv[1:]}, sys.stdout)

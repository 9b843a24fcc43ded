"""Answers for desi-resolution.test.ts: the resolution matrices of real coadds through scipy.sparse.

    /usr/bin/python3 packages/pipeline/test/golden/make_desi_resolution.py FOLDER > packages/pipeline/test/golden/desi-resolution.json

FOLDER holds the coadd files of DESI that the test reads.
"""
import json
import sys
import numpy as np
from astropy.io import fits
from scipy.sparse import dia_matrix

out = []
for name in ('coadd-4-80613-thru20210324.fits', 'coadd-5-169-thru20210419.fits'):
    with fits.open(f'{sys.argv[1]}/{name}') as hdus:
        kinds = hdus['FIBERMAP'].data['OBJTYPE']
        for row in [r for r in range(len(kinds)) if kinds[r].strip() != 'SKY']:
            for arm in 'BRZ':
                diagonals = hdus[f'{arm}_RESOLUTION'].data[row].astype(float)
                wave = hdus[f'{arm}_WAVELENGTH'].data.astype(float)
                ndiag, n = diagonals.shape
                offsets = np.arange(ndiag // 2, -(ndiag // 2) - 1, -1)
                matrix = dia_matrix((diagonals, offsets), shape=(n, n)).tocsr()
                model = 1 + 0.3 * np.sin(wave / 1.3) + 0.001 * (wave - 6000)
                pixels = [0, 1, 4, 5, 6, 700, 701, 1500, n - 7, n - 5, n - 2, n - 1]
                total = np.asarray(matrix.sum(axis=1)).ravel()
                with np.errstate(invalid='ignore', divide='ignore'):
                    # About the pixel itself: the squares of whole wavelengths would leave nothing of the width.
                    index = np.arange(n)
                    first = (matrix @ index) / total
                    second = (matrix @ (index * index)) / total
                    sigma = 0.8 * np.sqrt(second - first ** 2)
                out.append({
                    'file': name, 'targetid': str(hdus['FIBERMAP'].data['TARGETID'][row]), 'arm': arm, 'pixels': pixels,
                    'observed': (matrix @ model)[pixels].tolist(),
                    'sigma': [float(sigma[p]) if np.isfinite(sigma[p]) else 0.0 for p in pixels[3:9]],
                })
print(json.dumps(out))

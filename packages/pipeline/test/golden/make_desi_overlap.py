"""Answers for wavelengths-of-surveys.test.ts: /usr/bin/python3 make_desi_overlap.py coadd-5-169-thru20210419.fits > desi-overlap.json"""
import json
import sys

import numpy as np
from astropy.io import fits

hdus = fits.open(sys.argv[1])
n = hdus['B_FLUX'].data.shape[0]
rows = [int(r) for r in range(0, n, max(1, n // 3))][:3]
wave = np.round(3600 + 0.8 * np.arange(7781), 4)
weight = np.zeros((n, 7781))
total = np.zeros((n, 7781))
for arm in 'BRZ':
    at = np.searchsorted(wave, np.round(hdus[arm + '_WAVELENGTH'].data, 4))
    assert np.allclose(wave[at], hdus[arm + '_WAVELENGTH'].data)
    flux = hdus[arm + '_FLUX'].data.astype('f8')
    ivar = hdus[arm + '_IVAR'].data.astype('f8')
    weight[:, at] += ivar
    total[:, at] += ivar * flux
pixels = [int(p) for p in np.concatenate([np.arange(2690, 2760, 3), np.arange(4890, 5035, 6), np.arange(0, 7781, 400)])]
flux = np.where(weight > 0, total / np.where(weight > 0, weight, 1), 0)
print(json.dumps(dict(n=n, rows=rows, pixels=pixels,
                      flux=[[float('%.8g' % flux[r, p]) for p in pixels] for r in rows],
                      ivar=[[float('%.8g' % weight[r, p]) for p in pixels] for r in rows])))

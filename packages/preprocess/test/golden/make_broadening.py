"""Answers for broadening.test.ts, by direct integration of an analytic spectrum with scipy.

The spectrum is a tilted continuum with Gaussian lines, known at every wavelength, so that nothing is interpolated:
    /usr/bin/python3 packages/preprocess/test/golden/make_broadening.py > packages/preprocess/test/golden/broadening.json
"""
import json
import numpy as np
from scipy.integrate import quad

C = 299792.458
LINES = [(5003.1, 0.6, 0.55), (5010.7, 0.3, 0.8), (5013.9, 0.45, 0.6), (5027.2, 0.7, 1.1), (5041.8, 0.25, 0.7)]


def spectrum(lam):
    flux = 1 + 2e-3 * (lam - 5000)
    for centre, depth, sigma in LINES:
        flux = flux - depth * np.exp(-0.5 * ((lam - centre) / sigma) ** 2)
    return flux


def mean(kernel, lo, hi, points=None):
    top = quad(lambda v: kernel(v) * 1.0, lo, hi, limit=400, epsabs=1e-13, epsrel=1e-12, points=points)[0]
    return lambda f: quad(lambda v: kernel(v) * f(v), lo, hi, limit=400, epsabs=1e-12, epsrel=1e-11, points=points)[0] / top


def rotation(lam, vsini, eps):
    def g(v):
        y = max(0.0, 1 - (v / vsini) ** 2)
        return 2 * (1 - eps) * np.sqrt(y) + 0.5 * np.pi * eps * y
    return mean(g, -vsini, vsini)(lambda v: spectrum(lam * (1 + v / C)))


def macroturbulence(lam, zeta):
    # The disk integral itself, over mu, of radial and tangential Gaussians of equal share.
    def m(v):
        def at(mu):
            total = 0.0
            for width in (zeta * mu, zeta * np.sqrt(1 - mu * mu)):
                if width > 1e-9 * zeta:
                    total += 0.5 * np.exp(-(v / width) ** 2) / (np.sqrt(np.pi) * width)
            return 2 * mu * total
        return quad(at, 0, 1, limit=400, epsabs=1e-12)[0]
    grid = np.linspace(-6 * zeta, 6 * zeta, 6001)
    values = np.array([m(abs(v)) for v in grid[:3001]])
    values = np.concatenate([values, values[-2::-1]])
    return float(np.trapz(values * spectrum(lam * (1 + grid / C)), grid) / np.trapz(values, grid))


def gaussian(lam, sigma):
    return mean(lambda x: np.exp(-0.5 * (x / sigma) ** 2), -9 * sigma, 9 * sigma)(lambda x: spectrum(lam + x))


GRIDS = {
    'log': {'kind': 'log10', 'start': np.log10(4985.0), 'step': 1.2e-5, 'length': 600},
    'linear': {'kind': 'linear', 'start': 4985.0, 'step': 0.15, 'length': 480},
}
grids = {}
for name, grid in GRIDS.items():
    i = np.arange(grid['length'])
    grids[name] = 10 ** (grid['start'] + i * grid['step']) if grid['kind'] == 'log10' else grid['start'] + i * grid['step']
# Steps that grow and shrink by a fifth.
i = np.arange(500)
grids['listed'] = 4985.0 + 0.14 * i + 0.6 * np.sin(2 * np.pi * i / 120)

out = {'lines': LINES, 'grids': {}, 'cases': []}
for name, wave in grids.items():
    out['grids'][name] = wave.tolist()
    pixels = list(range(90, len(wave) - 90, 31))
    cases = []
    for vsini, eps in ((4.0, 0.6), (18.0, 0.6), (60.0, 0.0), (120.0, 1.0)):
        cases.append(({'kind': 'rotation', 'vsini': vsini, 'limbDarkening': eps}, [rotation(wave[p], vsini, eps) for p in pixels]))
    for zeta in (5.0, 25.0):
        cases.append(({'kind': 'macroturbulence', 'zeta': zeta}, [macroturbulence(wave[p], zeta) for p in pixels]))
    cases.append(({'kind': 'gaussian', 'from': 'sharp', 'to': {'fwhm': 0.2}}, [gaussian(wave[p], 0.2 / np.sqrt(8 * np.log(2))) for p in pixels]))
    cases.append(({'kind': 'gaussian', 'from': 20000, 'to': 6000}, [gaussian(wave[p], wave[p] / np.sqrt(8 * np.log(2)) * np.sqrt(1 / 6000**2 - 1 / 20000**2)) for p in pixels]))
    table = {'wave': [4990.0, 5050.0], 'values': [0.4, 1.2]}
    cases.append(({'kind': 'gaussian', 'from': 'sharp', 'to': {'sigma': table}}, [gaussian(wave[p], np.interp(wave[p], table['wave'], table['values'])) for p in pixels]))
    # An asymmetric triangle of 1.5 Å: offset is where light of a line lands, so the flux comes from the other side.
    triangle = ([-0.5, 0.0, 1.0], [0.0, 1.0, 0.0])
    cases.append(({'kind': 'table', 'wave': [5000.0], 'offset': triangle[0], 'kernels': [triangle[1]]},
                  [mean(lambda x: np.interp(x, *triangle), -0.5, 1.0, [0.0])(lambda x: spectrum(wave[p] - x)) for p in pixels]))
    for options, flux in cases:
        out['cases'].append({'grid': name, 'options': options, 'pixels': pixels, 'flux': flux})
print(json.dumps(out))

"""Answers for wavelengths.test.ts, by full matrices: /usr/bin/python3 make_wavelength_golden.py > wavelengths.json"""
import json

import numpy as np

rng = np.random.default_rng(20)


def edges(wave):
    middle = (wave[1:] + wave[:-1]) / 2
    return np.concatenate([[2 * wave[0] - middle[0]], middle, [2 * wave[-1] - middle[-1]]])


def overlap_matrix(wave, out, factor):
    """Fractions of each target pixel that each source pixel covers."""
    a, b = edges(wave), edges(out) * factor
    low = np.maximum(a[:-1][None, :], b[:-1][:, None])
    high = np.minimum(a[1:][None, :], b[1:][:, None])
    return np.clip(high - low, 0, None) / (b[1:] - b[:-1])[:, None]


def lanczos_matrix(wave, out, factor, lobes):
    place = np.interp(out * factor, wave, np.arange(len(wave)))
    steps = np.diff(place)
    step = np.minimum(np.concatenate([[steps[0]], steps]), np.concatenate([steps, [steps[-1]]]))
    stretch = np.maximum(1, step)[:, None]
    x = np.arange(len(wave))[None, :] - place[:, None]
    k = np.where(np.abs(x / stretch) < lobes, np.sinc(x / stretch) * np.sinc(x / stretch / lobes), 0)
    k /= k.sum(1, keepdims=True)
    moment = (k * x).sum(1)
    left = np.clip(np.floor(place).astype(int), 0, len(wave) - 2)
    row = np.arange(len(place))
    k[row, left] += moment
    k[row, left + 1] -= moment
    return k


def apply(matrix, flux, ivar):
    return (matrix @ flux).tolist(), (1 / (matrix**2 @ (1 / ivar))).tolist()


def case(wave, out, factor):
    flux = (10 + np.sin(wave / 3) + rng.normal(0, 0.3, len(wave))).astype('f4').astype('f8')
    ivar = rng.uniform(1, 9, len(wave)).astype('f4').astype('f8')
    answer = dict(wave=wave.tolist(), out=out.tolist(), factor=factor, flux=flux.tolist(), ivar=ivar.tolist())
    answer['flux-conserving'] = apply(overlap_matrix(wave, out, factor), flux, ivar)
    for lobes in (3, 5):
        answer['sinc%d' % lobes] = apply(lanczos_matrix(wave, out, factor, lobes), flux, ivar)
    return answer


wave = 4000 + 0.8 * np.arange(120)
uneven = 4000 + np.cumsum(rng.uniform(0.4, 1.2, 120))
print(json.dumps(dict(
    shifted=case(wave, wave[2:-4] , 1 + 200 / 299792.458),
    coarser=case(wave, 4008.3 + 2.7 * np.arange(28), 1.0),
    finer=case(uneven, 4006.1 + 0.31 * np.arange(200), 1.0),
    logarithmic=case(wave, 10 ** (np.log10(4004) + 1.1e-4 * np.arange(80)), 1 + 30 / 299792.458),
)))

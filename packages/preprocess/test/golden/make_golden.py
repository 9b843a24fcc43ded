"""Oracle answers for the tests of preprocess: run with numpy 1.24 and scipy 1.10, writes golden.json beside itself."""
import json, os
import numpy as np
import scipy.ndimage as nd

r = np.random.default_rng(20)
f4 = lambda a: np.asarray(a, 'f4')
out = {}


def spectrum(n, seed):
    """Smooth continuum, absorption lines and noise, as float32."""
    g = np.random.default_rng(seed)
    x = np.linspace(-1, 1, n)
    y = 20 * (1 + .3 * x - .2 * x * x)
    for c in g.uniform(-1, 1, 20):
        y *= 1 - g.uniform(.1, .6) * np.exp(-.5 * ((x - c) / .01) ** 2)
    return f4(y + g.normal(0, .2, n))


# scipy's running median, also with a window wider than the row
flux = np.stack([spectrum(200, s) for s in (1, 2)])
out['median'] = dict(flux=flux, windows={str(w): np.stack([nd.median_filter(y, w, mode='nearest') for y in flux]) for w in (1, 5, 51, 251, 999)})

# masked pixels, then the shift to the rest frame, both by numpy.interp
wave = 4000 + .8 * np.arange(200)
mask = np.zeros((2, 200), int)
mask[0, [0, 1, 50, 51, 52, 90, 199]] = 1
mask[1, 20:60] = 1
filled = np.stack([np.interp(wave, wave[m == 0], y[m == 0]) for y, m in zip(flux, mask)])
v = np.array([-213.7, 148.2])
rest = np.stack([np.interp(wave, wave / (1 + u / 299792.458), f4(y)) for y, u in zip(filled, v)])
out['rest'] = dict(wave=wave, mask=mask, filled=filled, v=v, rest=rest)


# the notebook's loop: order 7, two arms, one fit and four more with the pixels below counting 0.15
def envelope(x, y, w0=None):
    t = 2 * (x - x[0]) / (x[-1] - x[0]) - 1
    p = np.polyfit(t, y, 7)
    for _ in range(4):
        w = np.ones(len(y))
        w[y < np.polyval(p, t)] = .15
        p = np.polyfit(t, y, 7, w=w)
    return np.polyval(p, t)


wave = 10 ** (3.74 + 2e-4 * np.arange(400))
flux = spectrum(400, 3).astype('f8')
cut = int(np.searchsorted(wave, 6000))
out['notebook'] = dict(flux=flux, split=6000, continuum=np.concatenate([envelope(wave[:cut], flux[:cut]), envelope(wave[cut:], flux[cut:])]))


# ivar weights and asymmetric clipping at -1.5 and 3 times the weighted rms
ivar = f4(r.uniform(.5, 2, 400) * 25).astype('f8')
ivar[r.random(400) < .05] = 0
t = 2 * (wave - wave[0]) / (wave[-1] - wave[0]) - 1
B = np.polynomial.chebyshev.chebvander(t, 7)
w = ivar.copy()
for k in range(5):
    c = np.linalg.lstsq(B * np.sqrt(w)[:, None], flux * np.sqrt(w), rcond=None)[0]
    m = B @ c
    if k == 4:
        break
    e = flux - m
    s = np.sqrt((w * e * e).sum() / w.sum())
    w = np.where((e < -1.5 * s) | (e > 3 * s), 0, ivar)
out['clip'] = dict(ivar=ivar, continuum=m)

# Chebyshev of order 2 on given continuum pixels, weighted by ivar
pixels = np.sort(r.choice(np.where(ivar > 0)[0], 60, replace=False))
p = np.polynomial.Chebyshev.fit(wave[pixels], flux[pixels], 2, w=np.sqrt(ivar[pixels]), domain=[wave[0], wave[-1]])
out['chebyshev'] = dict(pixels=pixels, continuum=p(wave))


def plain(a):
    if isinstance(a, dict):
        return {k: plain(v) for k, v in a.items()}
    if isinstance(a, np.ndarray):
        return [plain(v) for v in a] if a.ndim > 1 else [v.item() if a.dtype.kind == 'i' else float(f'{v:.9g}') for v in a]
    return a


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'golden.json')
with open(path, 'w') as f:
    f.write('{\n' + ',\n'.join(f'"{k}": {json.dumps(plain(v), separators=(",", ":"))}' for k, v in out.items()) + '\n}\n')

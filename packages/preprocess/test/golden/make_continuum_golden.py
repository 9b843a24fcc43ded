"""Oracle answers for the continuum methods: run with numpy 1.24 and scipy 1.10, writes continuum.json beside itself."""
import json, os
import numpy as np
import scipy.constants as k
import scipy.ndimage as nd
from scipy.interpolate import LSQUnivariateSpline

r = np.random.default_rng(31)
n = 300
wave = 15000 + 0.5 * np.arange(n)
x = np.linspace(-1, 1, n)
y = 20 * (1 + .3 * x - .2 * x * x)
for c in r.uniform(-1, 1, 15):
    y *= 1 - r.uniform(.1, .6) * np.exp(-.5 * ((x - c) / .012) ** 2)
flux = np.asarray(y + r.normal(0, .2, n), 'f4').astype('f8')
ivar = np.asarray(r.uniform(.5, 2, n) * 25, 'f4').astype('f8')
ivar[r.random(n) < .06] = 0
ivar[120:135] = 0
good = ivar > 0
out = dict(flux=flux, ivar=ivar)

# scipy's percentile filter, where no window is cut off and no pixel is bad
out['percentile'] = {str(q): nd.percentile_filter(flux, q, 31) for q in (10, 50, 90)}


# weighted quantile of the good pixels of each window, cut off at the ends, by brute force
def quantile(values, weights, q):
    order = np.argsort(values, kind='stable')
    sums = np.cumsum(weights[order])
    return values[order][np.searchsorted(sums, q * sums[-1] * (1 - 1e-12))]


def running(width, q, weights):
    answer = []
    for w in wave:
        inside = good & (abs(wave - w) <= width / 2)
        answer.append(quantile(flux[inside], weights[inside], q) if inside.any() else 0)
    return np.array(answer)


out['quantile'] = dict(uniform=running(20, .9, np.ones(n)), ivar=running(20, .7, ivar))

# sines and cosines as AnniesLasso's sines_and_cosines defines them
pixels = np.sort(r.choice(np.where(good)[0], 120, replace=False))
L, order = 1400., 3
B = np.vstack([np.ones(n)] + [f(o * 2 * np.pi / L * wave) for o in range(1, order + 1) for f in (np.cos, np.sin)])
M = B[:, pixels]
A = M @ (ivar[pixels, None] * M.T)
A[np.diag_indices(len(A))] += 1e-6 * np.linalg.eigvalsh(A).max()
out['sines'] = dict(pixels=pixels, continuum=np.linalg.solve(A, M @ (ivar[pixels] * flux[pixels])) @ B)

# least-squares cubic spline with knots every seventh of the range
knots = np.linspace(wave[0], wave[-1], 8)[1:-1]
s = LSQUnivariateSpline(wave[good], flux[good], knots, w=np.sqrt(ivar[good]), bbox=[wave[0], wave[-1]], k=3)
out['spline'] = s(wave)

# Gaussian weights of sigma 8 A
g = np.exp(-.5 * ((wave[:, None] - wave[None]) / 8) ** 2)
out['gaussian'] = g @ (flux * ivar) / (g @ ivar)

# blackbody, 99th percentile, then order 5 with the pixels below counting 0.15
lam = wave * 1e-10
planck = lam ** -5. / np.expm1(k.h * k.c / (k.k * 4321. * lam))
planck /= planck[n // 2]
scale = np.percentile((flux / planck)[good], 99) * planck
ratio = flux / scale
w = np.sqrt(ivar) * scale
t = 2 * (wave - wave[0]) / (wave[-1] - wave[0]) - 1
p = np.polyfit(t[good], ratio[good], 5, w=w[good])
for _ in range(4):
    u = np.where(ratio < np.polyval(p, t), .15, 1) * w
    p = np.polyfit(t[good], ratio[good], 5, w=u[good])
out['blackbody'] = dict(scale=scale, continuum=scale * np.polyval(p, t))


def plain(a):
    if isinstance(a, dict):
        return {key: plain(v) for key, v in a.items()}
    return [v.item() if a.dtype.kind == 'i' else float(f'{v:.9g}') for v in a]


path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'continuum.json')
with open(path, 'w') as f:
    f.write('{\n' + ',\n'.join(f'"{key}": {json.dumps(plain(v), separators=(",", ":"))}' for key, v in out.items()) + '\n}\n')

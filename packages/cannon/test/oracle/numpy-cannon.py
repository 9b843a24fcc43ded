"""Golden answers of a quadratic Cannon, worked out pixel by pixel with numpy and scipy.

Training: numpy.linalg.solve of the normal equations of each pixel with ivar as weights; the scatter by moments is the
mean of r^2 - 1/ivar, by likelihood the root of the restricted likelihood's slope (brentq), iterated to a fixed point.
Labels: scipy.optimize.least_squares on the pixels themselves.

Run from this folder: python3 numpy-cannon.py > numpy-cannon.json
"""

import json

import numpy as np
from scipy.optimize import brentq, least_squares

rng = np.random.default_rng(20261122)
N, TEST, L, P = 36, 4, 2, 6
T = 1 + L + L * (L + 1) // 2
IU = np.triu_indices(L)


def design(x):
    return np.concatenate([np.ones((len(x), 1)), x, x[:, IU[0]] * x[:, IU[1]]], 1)


labels = np.round(np.column_stack([rng.uniform(4000, 5500, N + TEST), rng.uniform(1, 4, N + TEST)]), 3)
pivot, scale = labels[:N].mean(0), labels[:N].std(0)
x = (labels - pivot) / scale
A = design(x)
truth = np.concatenate([np.full((P, 1), 0.9), rng.normal(0, 0.05, (P, L)), rng.normal(0, 0.01, (P, T - 1 - L))], 1)
sigma = rng.uniform(0.002, 0.01, (N + TEST, P))
own = np.array([0, 0.002, 0.005, 0.01, 0.02, 0.0])
flux = A @ truth.T + rng.normal(0, 1, sigma.shape) * np.hypot(sigma, own)
ivar = 1 / sigma**2
ivar[rng.random(ivar.shape) < 0.1] = 0
flux, ivar = (a.astype("f4").astype("f8") for a in (flux, ivar))


def solve(p, s2):
    w = ivar[:N, p] / (1 + ivar[:N, p] * s2)
    AW = A[:N].T * w
    return np.linalg.solve(AW @ A[:N], AW @ flux[:N, p])


def residuals(p, theta):
    good = ivar[:N, p] > 0
    return (flux[:N, p] - A[:N] @ theta)[good] ** 2, 1 / ivar[:N, p][good]


def moments(p):
    theta = solve(p, 0)
    r2, v = residuals(p, theta)
    return theta, max(0, np.mean(r2 - v))


def likelihood(p):
    s2 = 0.0
    for _ in range(200):
        theta = solve(p, s2)
        r2, v = residuals(p, theta)
        k = len(r2) / (len(r2) - T)
        slope = lambda s: np.sum(k * r2 / (v + s) ** 2 - 1 / (v + s))
        s2 = brentq(slope, 0, 1, xtol=1e-16) if slope(0) > 0 else 0.0
    return theta, s2


fits = {name: [f(p) for p in range(P)] for name, f in (("moments", moments), ("likelihood", likelihood))}
theta = np.array([t for t, _ in fits["moments"]])
s2 = np.array([s for _, s in fits["moments"]])


def label(i):
    w = np.sqrt(ivar[i] / (1 + ivar[i] * s2))
    found = least_squares(
        lambda q: w * (flux[i] - theta @ design(q[None])[0]), np.zeros(L), xtol=1e-15, ftol=1e-15, gtol=1e-15
    )
    q = found.x
    D = np.zeros((T, L))
    D[1 : 1 + L] = np.eye(L)
    for k, (a, b) in enumerate(zip(*IU)):
        D[1 + L + k, a] += q[b]
        D[1 + L + k, b] += q[a]
    J = w[:, None] * (theta @ D)
    covariance = np.linalg.inv(J.T @ J) * np.outer(scale, scale)
    return {"labels": list(q * scale + pivot), "covariance": covariance.ravel().tolist(), "chi2": 2 * found.cost}


print(
    json.dumps(
        {
            "numpy": np.__version__,
            "stars": N,
            "test": TEST,
            "pixels": P,
            "labels": labels.ravel().tolist(),
            "flux": [float(f"{v:.9g}") for v in flux.ravel()],
            "ivar": [float(f"{v:.9g}") for v in ivar.ravel()],
            **{
                name: {"theta": [list(t) for t, _ in fit], "scatter2": [float(s) for _, s in fit]}
                for name, fit in fits.items()
            },
            "labelled": [label(i) for i in range(N, N + TEST)],
        }
    )
)

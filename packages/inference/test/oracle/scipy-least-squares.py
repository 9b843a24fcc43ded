"""Golden answers from scipy.optimize.least_squares (trf, analytic Jacobians, tolerances 1e-15).

Run from this folder: python3 scipy-least-squares.py > scipy-least-squares.json
"""

import json

import numpy as np
import scipy
from scipy.optimize import least_squares

rng = np.random.default_rng(20261122)


def decay(p, x):
    return p[0] * np.exp(-p[1] * x) + p[2]


def decay_jacobian(p, x):
    e = np.exp(-p[1] * x)
    return np.column_stack([e, -p[0] * x * e, np.ones_like(x)])


def line(p, x):
    """A Gaussian absorption line on a sloping continuum: depth, centre, width, level, slope."""
    return p[3] + p[4] * x - p[0] * np.exp(-0.5 * ((x - p[1]) / p[2]) ** 2)


def line_jacobian(p, x):
    u = (x - p[1]) / p[2]
    e = np.exp(-0.5 * u**2)
    return np.column_stack([-e, -p[0] * e * u / p[2], -p[0] * e * u**2 / p[2], np.ones_like(x), x])


MODELS = {"decay": (decay, decay_jacobian), "line": (line, line_jacobian)}

SPECS = [
    # name, model, truth, x from, to, n, sigma, start, lower, upper
    ("decay", "decay", [5.0, 1.3, 0.5], 0, 4, 40, 0.05, [1.0, 0.1, 0.0], None, None),
    ("decay, rate held by a bound", "decay", [5.0, 1.3, 0.5], 0, 4, 40, 0.05, [1.0, 0.5, 0.0], [0, 0, -10], [10, 1.0, 10]),
    ("decay, two bounds", "decay", [5.0, 1.3, 0.5], 0, 4, 40, 0.05, [1.0, 0.5, 0.7], [0, 0, 0.6], [4.5, 9, 2]),
    ("decay, bounds out of the way", "decay", [5.0, 1.3, 0.5], 0, 4, 40, 0.05, [1.0, 0.5, 0.0], [0, 0, -9], [99, 9, 9]),
    ("line", "line", [0.4, 0.3, 0.5, 1.0, 0.02], -3, 3, 60, 0.01, [0.2, 0.0, 0.8, 0.9, 0.0], None, None),
    ("noisy line", "line", [0.4, 0.3, 0.5, 1.0, 0.02], -3, 3, 60, 0.15, [0.3, 0.1, 0.6, 0.9, 0.0], None, None),
]

cases = []
for name, model, truth, x0, x1, n, sigma, start, lower, upper in SPECS:
    f, jacobian = MODELS[model]
    x = np.linspace(x0, x1, n)
    error = sigma * rng.uniform(0.5, 1.5, n)
    y = f(truth, x) + error * rng.normal(size=n)
    ivar = 1 / error**2
    ivar[rng.choice(n, 3, replace=False)] = 0
    root = np.sqrt(ivar)
    answer = least_squares(
        lambda p: root * (f(p, x) - y),
        start,
        jac=lambda p: root[:, None] * jacobian(p, x),
        bounds=(-np.inf if lower is None else lower, np.inf if upper is None else upper),
        xtol=1e-15,
        ftol=1e-15,
        gtol=1e-15,
        max_nfev=10000,
    )
    # trf stays strictly inside; its active_mask says which bounds hold.
    params = answer.x.copy()
    held = answer.active_mask != 0
    for i in np.flatnonzero(held):
        params[i] = lower[i] if answer.active_mask[i] < 0 else upper[i]
    if held.any():
        loose = ~held

        def full(q):
            p = params.copy()
            p[loose] = q
            return p

        params = full(
            least_squares(
                lambda q: root * (f(full(q), x) - y),
                params[loose],
                jac=lambda q: (root[:, None] * jacobian(full(q), x))[:, loose],
                xtol=1e-15,
                ftol=1e-15,
                gtol=1e-15,
            ).x
        )
    j = (root[:, None] * jacobian(params, x))[:, ~held]
    covariance = np.zeros((len(params), len(params)))
    covariance[np.ix_(~held, ~held)] = np.linalg.inv(j.T @ j)
    cases.append(
        {
            "name": name,
            "model": model,
            "x": x.tolist(),
            "y": y.tolist(),
            "ivar": ivar.tolist(),
            "start": start,
            "lower": lower,
            "upper": upper,
            "params": params.tolist(),
            "chi2": float(np.sum(ivar * (f(params, x) - y) ** 2)),
            "covariance": covariance.ravel().tolist(),
            "atBound": held.astype(int).tolist(),
        }
    )

print(json.dumps({"scipy": scipy.__version__, "cases": cases}))

"""Answers of scipy to the statistics of this package: `python3 make_scipy_oracle.py` writes scipy-oracle.json beside it."""
import json
from pathlib import Path

import numpy as np
import scipy
from scipy import integrate, stats

rng = np.random.default_rng(20)


def listed(values):
    return [round(float(v), 6) for v in values]


def trend(x, y):
    x, y = listed(x), listed(y)
    slope, intercept, low, high = stats.theilslopes(y, x, 0.95, method="separate")
    tau = stats.kendalltau(x, y, method="asymptotic")
    return {"x": x, "y": y, "slope": slope, "intercept": intercept, "low": low, "high": high,
            "tau": tau.statistic if hasattr(tau, "statistic") else tau.correlation, "p": tau.pvalue}


def signed_rank(d, mode):
    d = listed(d)
    result = stats.wilcoxon(d, mode=mode, correction=False, zero_method="wilcox")
    return {"d": d, "p": result.pvalue}


def crps(z):
    below = integrate.quad(lambda t: stats.norm.cdf(t) ** 2, -np.inf, z)[0]
    above = integrate.quad(lambda t: stats.norm.sf(t) ** 2, z, np.inf)[0]
    return below + above


x = rng.normal(size=40)
ks = [listed(rng.uniform(size=n) ** power) for n, power in [(12, 1), (60, 1), (60, 1.3), (400, 1.1)]]
oracle = {
    "scipy": scipy.__version__,
    "trends": [trend(x, 0.3 * x + rng.normal(size=40)), trend(np.round(x), np.round(2 * rng.normal(size=40)))],
    "wilcoxon": [
        signed_rank(rng.normal(0.3, 1, size=20), "exact"),
        signed_rank(rng.normal(0.1, 1, size=90), "approx"),
        signed_rank(np.round(rng.normal(0.4, 2, size=60)), "approx"),
    ],
    "ks": [{"values": v, "d": stats.kstest(v, "uniform").statistic, "p": stats.kstest(v, "uniform").pvalue} for v in ks],
    "cdf": [[z, stats.norm.cdf(z)] for z in [-12, -6, -3.6, -3.5, -2, -0.3, 0, 0.7, 3.5, 8]],
    "crps": [[z, crps(z)] for z in [0, 0.5, -1.5, 4]],
}
Path(__file__).with_name("scipy-oracle.json").write_text(json.dumps(oracle, indent=1) + "\n")

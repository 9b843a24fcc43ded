"""Writes label-statistics.json: answers of numpy, scipy and scikit-learn that the tests compare with."""
import json
import numpy as np
from scipy import stats
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.model_selection import GroupKFold

rng = np.random.default_rng(20261122)
n = 41
truth = np.round(rng.uniform(3800, 6500, n), 3)
predicted = np.round(truth + rng.normal(12, 80, n), 3)
error = np.round(rng.uniform(40, 120, n), 3)
truth_error = np.round(rng.uniform(10, 60, n), 3)
r = predicted - truth
z = r / np.sqrt(error**2 + truth_error**2)
groups = [f'star{i}' for i in rng.integers(0, 17, 60)]
p = [1e-300, 1e-10, 0.001, 0.05, 0.3, 0.5, 0.77, 0.95, 0.975, 0.999999]
sizes = sorted(len(test) for _, test in GroupKFold(5).split(groups, groups=groups))
answers = {
    'predicted': predicted.tolist(), 'truth': truth.tolist(), 'error': error.tolist(), 'truthError': truth_error.tolist(),
    'expected': {
        'n': n, 'missing': 0, 'nWithError': n,
        'bias': r.mean(), 'rmse': np.sqrt(mean_squared_error(truth, predicted)), 'rmseScaled': np.sqrt(np.mean(r**2)) / truth.std(),
        'mae': mean_absolute_error(truth, predicted), 'std': r.std(ddof=0), 'meanAbsoluteAboutBias': np.mean(np.abs(r - r.mean())),
        'mad': stats.median_abs_deviation(r, scale='normal'), 'medianResidual': np.median(r),
        'coverage68': float(np.mean(np.abs(z) <= 1)), 'coverage95': float(np.mean(np.abs(z) <= stats.norm.ppf(0.975))),
        'zWidth': stats.median_abs_deviation(z, scale='normal'),
    },
    'groups': groups, 'foldSizes': sizes,
    'normalQuantile': [[x, stats.norm.ppf(x)] for x in p],
    'quantile': [[x, np.quantile(r, x)] for x in (0, 0.025, 0.16, 0.5, 0.84, 1)],
}
print(json.dumps(answers, indent=1))

"""scikit-learn's answer to linear.bench.mjs and miles.bench.mjs.

Usage: sklearn_labels.py fit X.f32 Y.f64 TRAIN WIDTH: seconds of RidgeCV and of a Gaussian process on the first TRAIN rows.
       sklearn_labels.py folds X.f32 Y.f64 FOLD.i32 COMPONENTS: mean absolute error of ridge, support vectors, Gaussian
       process and forest in cross-validation, all on scaled spectra's principal components.
Prints one line of JSON.
"""
import json
import os
import sys
import time
import warnings

os.environ.setdefault('OMP_NUM_THREADS', '1')
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')
import numpy as np
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

warnings.filterwarnings('ignore')


def seconds(run, repeats=2):
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        found.append(time.perf_counter() - start)
    return min(found), result


def process(features):
    scale = np.sqrt(2 * features.var(0).sum())
    kernel = ConstantKernel(0.5, (1e-4, 1e4)) * Matern(scale, (1e-2 * scale, 1e2 * scale), nu=2.5) + WhiteKernel(0.1)
    return GaussianProcessRegressor(kernel, alpha=0, normalize_y=True)


def fit(x_file, y_file, train, width):
    x = np.fromfile(x_file, 'f4').reshape(-1, int(width)).astype('f8')
    y = np.fromfile(y_file, 'f8').reshape(len(x), -1)
    n = int(train)
    ridge_s, ridge = seconds(lambda: RidgeCV(np.logspace(-3, 7, 21), alpha_per_target=True).fit(x[:n], y[:n]))
    gp_s, gp = seconds(lambda: process(x[:n]).fit(x[:n], y[:n, 0]), 1)
    many = np.tile(x[n:], (10, 1))
    predict_s, _ = seconds(lambda: gp.predict(many, return_std=True))
    return {'ridge_s': ridge_s, 'gp_s': gp_s, 'predict_s': predict_s, 'rows': len(many),
            'ridge_rmse': np.sqrt(((ridge.predict(x[n:]) - y[n:]) ** 2).mean(0)).tolist(),
            'gp_rmse': float(np.sqrt(((gp.predict(x[n:]) - y[n:, 0]) ** 2).mean())),
            'likelihood': float(gp.log_marginal_likelihood_value_)}


def folds(x_file, y_file, fold_file, components):
    fold = np.fromfile(fold_file, 'i4')
    x = np.fromfile(x_file, 'f4').reshape(len(fold), -1)
    y = np.fromfile(y_file, 'f8').reshape(len(fold), -1)
    support = {'C': [1, 10, 100], 'epsilon': [0.03, 0.1]}
    models = {
        'ridge': lambda z: RidgeCV(np.logspace(-3, 7, 21)),
        'support vectors': lambda z: GridSearchCV(SVR(gamma='scale'), support, cv=5, scoring='neg_mean_absolute_error'),
        'Gaussian process': process,
        'forest': lambda z: RandomForestRegressor(200, max_features=1 / 3, random_state=0),
    }
    errors = {name: np.full(y.shape, np.nan) for name in models}
    took = dict.fromkeys(models, 0.0)
    for k in np.unique(fold):
        train, test = fold != k, fold == k
        scale = StandardScaler().fit(x[train])
        pca = PCA(int(components), random_state=0).fit(scale.transform(x[train]))
        z, new = (pca.transform(scale.transform(part)).astype('f8') for part in (x[train], x[test]))
        for name, make in models.items():
            start = time.perf_counter()
            for label in range(y.shape[1]):
                has = np.isfinite(y[train, label])
                target = y[train, label][has]
                mean, deviation = target.mean(), target.std()
                model = make(z[has]).fit(z[has], (target - mean) / deviation)
                errors[name][test, label] = np.abs(model.predict(new) * deviation + mean - y[test, label])
            took[name] += time.perf_counter() - start
    return {'models': {name: {'mae': np.nanmean(found, 0).tolist(), 'seconds': took[name]} for name, found in errors.items()}}


print(json.dumps({'fit': fit, 'folds': folds}[sys.argv[1]](*sys.argv[2:])))

"""scikit-learn's answer to forest.bench.mjs: forests on 100 components, and randomised components.

Usage: sklearn_forest.py X.npy Y.npy OUT.f32: writes the components of the scaled spectra (2000 x 100) for the other side
to grow on, and prints one line of JSON. 1600 spectra train, 400 test, as in the peers' case 4.
"""
import json
import sys
import time

import numpy as np
from sklearn.decomposition import PCA, IncrementalPCA
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.preprocessing import StandardScaler

x, y = np.load(sys.argv[1]), np.load(sys.argv[2])
scaled = StandardScaler().fit(x[:1600]).transform(x).astype('f4')


def best(run, repeats=3):
    seconds, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


pca_s, pca = best(lambda: PCA(100, svd_solver='randomized', random_state=0).fit(scaled[:1600]))
features = pca.transform(scaled).astype('f4')
features.tofile(sys.argv[3])
deviation = y[:1600].std(0)
target = (y[:1600] - y[:1600].mean(0)) / deviation
many = np.tile(features[1600:], (100, 1))
out = {'pca_s': pca_s, 'explained': float(pca.explained_variance_ratio_.sum())}
for name, kind in (('forest', RandomForestRegressor), ('extra', ExtraTreesRegressor)):
    fit_s, model = best(lambda: kind(100, n_jobs=2, random_state=0).fit(features[:1600], target))
    predict_s, _ = best(lambda: model.predict(many))
    error = (model.predict(features[1600:]) * deviation + y[:1600].mean(0)) - y[1600:]
    out[name] = {'fit_s': fit_s, 'predict_s': predict_s, 'rmse': np.sqrt((error**2).mean(0)).tolist()}

out['incremental_s'], grown = best(lambda: IncrementalPCA(100, batch_size=400).fit(scaled[:1600]), 2)
out['incremental'] = float(grown.explained_variance_ratio_.sum())


def boosted(kind):
    return [kind().fit(features[:1600], target[:, label]) for label in range(3)]


fit_s, models = best(lambda: boosted(lambda: HistGradientBoostingRegressor(
    max_iter=100, max_depth=4, max_leaf_nodes=None, min_samples_leaf=5, early_stopping=False)), 2)
predict_s, _ = best(lambda: [model.predict(many) for model in models], 2)
predicted = np.stack([model.predict(features[1600:]) for model in models], axis=1)
error = predicted * deviation + y[:1600].mean(0) - y[1600:]
out['boosting'] = {'fit_s': fit_s, 'predict_s': predict_s, 'rmse': np.sqrt((error**2).mean(0)).tolist()}
print(json.dumps(out))

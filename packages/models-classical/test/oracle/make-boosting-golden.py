"""Writes golden/boosting.json: boosted trees and incremental components as scikit-learn finds them.

Features have no ties, and fewer values than our 256 bins, so that the same splits are on offer to both.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import IncrementalPCA
from sklearn.ensemble import GradientBoostingRegressor

rng = np.random.default_rng(11)
x = rng.normal(size=(240, 5)).astype('f4')
y = np.sin(2 * x[:, 0]) + x[:, 1] + x[:, 1] * x[:, 2] + 0.1 * rng.normal(size=240)
weight = rng.uniform(0.5, 2, size=240)
weight /= weight.mean()
unseen = rng.normal(size=(400, 5)).astype('f4')
truth = np.sin(2 * unseen[:, 0]) + unseen[:, 1] + unseen[:, 1] * unseen[:, 2]
base = dict(max_depth=3, learning_rate=0.1, min_samples_leaf=6, random_state=0)
squares = GradientBoostingRegressor(n_estimators=60, **base).fit(x, y)
weighted = GradientBoostingRegressor(n_estimators=20, **(base | {'min_samples_leaf': 1})).fit(x, y, sample_weight=weight)
quantile = GradientBoostingRegressor(loss='quantile', alpha=0.8, n_estimators=60, **base).fit(x, y)


def pinball(predicted):
    left = truth - predicted
    return float(np.mean(np.maximum(0.8 * left, -0.2 * left)))


spread = rng.normal(size=(90, 6)) @ (rng.normal(size=(6, 40)) * np.array([[9], [6], [4], [2], [1], [0.5]]))
rows = (spread + 0.05 * rng.normal(size=(90, 40)) + np.linspace(0, 3, 90)[:, None] + 2).astype('f4')
pca = IncrementalPCA(4)
for batch in (rows[:30], rows[30:50], rows[50:]):
    pca.partial_fit(batch.astype('f8'))
out = {
    'x': x.ravel().tolist(), 'y': y.tolist(), 'weight': weight.tolist(), 'unseen': unseen.ravel().tolist(),
    'truth': truth.tolist(), 'squares': squares.predict(unseen).tolist(), 'weighted': weighted.predict(unseen).tolist(),
    'pinball': pinball(quantile.predict(unseen)),
    'pca': {'rows': rows.ravel().tolist(), 'mean': pca.mean_.tolist(), 'variance': pca.explained_variance_.tolist(),
            'explained': pca.explained_variance_ratio_.tolist(), 'components': pca.components_.ravel().tolist()},
}
(Path(__file__).parent.parent / 'golden' / 'boosting.json').write_text(json.dumps(out) + '\n')

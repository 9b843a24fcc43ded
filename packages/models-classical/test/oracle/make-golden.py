"""Writes golden/sklearn.json: trees and principal components as scikit-learn finds them.

Features have no ties, and fewer values than our 256 bins, so that the same splits are on offer to both. Leaves are large:
of a node with few rows several features give the same best split, and scikit-learn picks one at random.
"""
import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.tree import DecisionTreeRegressor

rng = np.random.default_rng(7)
x = rng.normal(size=(120, 5)).astype('f4')
y = np.stack([np.sin(2 * x[:, 0]) + x[:, 1], x[:, 1] * x[:, 2]], axis=1) + 0.05 * rng.normal(size=(120, 2))
unseen = rng.normal(size=(40, 5)).astype('f4')
trees = []
for depth, leaf in [(2, 1), (3, 5), (6, 5), (None, 8)]:
    tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=0).fit(x, y)
    trees.append({'maxDepth': depth, 'minLeaf': leaf, 'nodes': int(tree.tree_.node_count),
                  'predicted': tree.predict(unseen).ravel().tolist(),
                  'importance': tree.feature_importances_.tolist()})
low = rng.normal(size=(60, 4)) @ rng.normal(size=(4, 30)) * np.array(1.0) + 0.01 * rng.normal(size=(60, 30)) + 3
low = low.astype('f4')
pca = PCA(4, svd_solver='full').fit(low.astype('f8'))
out = {
    'x': x.ravel().tolist(), 'y': y.ravel().tolist(), 'unseen': unseen.ravel().tolist(), 'trees': trees,
    'pca': {'x': low.ravel().tolist(), 'variance': pca.explained_variance_.tolist(),
            'explained': pca.explained_variance_ratio_.tolist(), 'components': pca.components_.ravel().tolist(),
            'projected': pca.transform(low[:5].astype('f8')).ravel().tolist()},
}
(Path(__file__).parent.parent / 'golden' / 'sklearn.json').write_text(json.dumps(out) + '\n')

"""scikit-learn's answers for 150 points in 6 dimensions: neighbours, components, trustworthiness, t-SNE's divergence."""
import json
import sys

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE, trustworthiness
from sklearn.neighbors import NearestNeighbors

rng = np.random.default_rng(7)
centres = rng.normal(0, 4, (3, 6))
points = np.round(np.concatenate([c + rng.normal(0, 1, (50, 6)) for c in centres]), 3)
pca = PCA(2, svd_solver="full").fit(points)
tsne = TSNE(2, perplexity=10, init="pca", learning_rate="auto", random_state=0)
embedded = tsne.fit_transform(points).astype(float)
near = NearestNeighbors(n_neighbors=5).fit(points).kneighbors(return_distance=True)
json.dump(
    dict(
        points=points.ravel().tolist(),
        index=near[1].ravel().tolist(),
        distance=np.round(near[0].ravel(), 12).tolist(),
        variance=pca.explained_variance_.tolist(),
        explained=float(pca.explained_variance_ratio_.sum()),
        scores=np.round(np.abs(pca.transform(points)).ravel(), 12).tolist(),
        map=np.round(embedded.ravel(), 5).tolist(),
        divergence=float(tsne.kl_divergence_),
        trust={str(k): float(trustworthiness(points, np.round(embedded, 5), n_neighbors=k)) for k in (3, 12)},
        trustOfScores=float(trustworthiness(points, pca.transform(points), n_neighbors=12)),
    ),
    sys.stdout,
)

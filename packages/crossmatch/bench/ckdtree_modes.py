"""All pairs, k nearest and duplicates with scipy's cKDTree, one thread: catalogues in, answers with separations out.

Arguments: a mode (pairs, nearest or duplicates), a file of float64 (ra of a, dec of a, ra of b, dec of b, each n long), n, the
radius in arcsec, k, repeats. Prints JSON: the seconds of the best repeat, from angles to the answer, and its size and sum.
The trees are the ones scipy builds fastest; pairs come from sparse_distance_matrix, which is quicker than query_ball_tree and
query_ball_point, duplicates from query_pairs and connected_components.
"""

import json
import sys
import time

import numpy as np
import scipy
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

mode, path, n, radius, k, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), *map(int, sys.argv[5:7])
ra_a, dec_a, ra_b, dec_b = np.fromfile(path, dtype="<f8").reshape(4, n)
limit = 2 * np.sin(np.radians(radius / 3600) / 2)


def tree(ra, dec):
    return cKDTree(vectors(ra, dec), balanced_tree=False, compact_nodes=False)


def vectors(ra, dec):
    lon, lat = np.radians(ra), np.radians(dec)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def arcsec(chord):
    return np.degrees(2 * np.arcsin(chord / 2)) * 3600


def pairs():
    found = tree(ra_a, dec_a).sparse_distance_matrix(tree(ra_b, dec_b), limit, output_type="ndarray")
    separation = arcsec(found["v"])
    order = np.lexsort((separation, found["i"]))
    return len(found), separation[order].sum()


def nearest():
    chord, index = tree(ra_b, dec_b).query(vectors(ra_a, dec_a), k=k)
    return index.size, arcsec(chord).sum()


def duplicates():
    found = tree(ra_b, dec_b).query_pairs(limit, output_type="ndarray")
    graph = coo_matrix((np.ones(len(found), bool), (found[:, 0], found[:, 1])), shape=(n, n))
    _, group = connected_components(graph, directed=False)
    members = np.bincount(group)
    return int((members > 1).sum()), members[members > 1].sum()


best = np.inf
for _ in range(repeats):
    start = time.perf_counter()
    size, total = {"pairs": pairs, "nearest": nearest, "duplicates": duplicates}[mode]()
    best = min(best, time.perf_counter() - start)

print(json.dumps({"seconds": best, "n": size, "sum": float(total), "scipy": scipy.__version__}))

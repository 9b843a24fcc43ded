"""Writes golden/linear.json: ridge, kernel ridge and Gaussian processes as scikit-learn finds them."""
import json
from pathlib import Path

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, Matern, RationalQuadratic, WhiteKernel
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.preprocessing import KernelCenterer, StandardScaler

rng = np.random.default_rng(3)
n, width = 40, 4
x = rng.normal(size=(n, width)).astype('f4')
y = np.sin(2 * x[:, 0]) + x[:, 1] + 0.3 * x[:, 2] * x[:, 3] + 0.1 * rng.normal(size=n) + 5
error = rng.uniform(0.02, 0.3, size=n)
unseen = rng.normal(size=(12, width)).astype('f4')
out = {'n': n, 'width': width, 'x': x.ravel().tolist(), 'y': y.tolist(), 'error': error.tolist(),
       'unseen': unseen.ravel().tolist()}

# The centre is taken off the features because ours measures the linear term from there.
centre = x.astype('f8').mean(0)
xc, uc = x - centre, unseen - centre
shapes = {
    'rbf': (RBF([1.7]), [1.7], 1), 'matern32': (Matern([2.1], nu=1.5), [2.1], 1),
    'matern52': (Matern([1.3, 0.9, 2.5, 4.0], nu=2.5), [1.3, 0.9, 2.5, 4.0], 1),
    'rational-quadratic': (RationalQuadratic(1.4, 0.8), [1.4], 0.8),
}
out['processes'] = []
for name, (shape, lengths, alpha) in shapes.items():
    for linear, known in ((0.0, False), (0.35, True)):
        kernel = ConstantKernel(0.7) * shape + WhiteKernel(0.02)
        if linear > 0:
            kernel = kernel + ConstantKernel(linear) * DotProduct(0, sigma_0_bounds='fixed')
        variance = (error / y.std()) ** 2 if known else np.full(n, 1e-300)
        model = GaussianProcessRegressor(kernel, alpha=variance, optimizer=None, normalize_y=True).fit(xc, y)
        mean, std = model.predict(uc, return_std=True)
        out['processes'].append({
            'kernel': name, 'lengths': lengths, 'alpha': alpha, 'variance': 0.7, 'linear': linear, 'noise': 0.02,
            'known': known, 'logLikelihood': float(model.log_marginal_likelihood(model.kernel_.theta)),
            'values': mean.tolist(), 'errors': std.tolist(),
        })

wide = rng.normal(size=(30, 50)).astype('f4')
labels = np.stack([wide[:, :3] @ [1, 2, -1] + 0.5 * rng.normal(size=30), wide[:, 5] - 2 * wide[:, 9] + 3], axis=1)
weights = rng.uniform(0.3, 2, size=30)
wide_unseen = rng.normal(size=(6, 50)).astype('f4')
ridges = []
for features, target, new in ((x, np.stack([y, x[:, 1] - y], 1), unseen), (wide, labels, wide_unseen)):
    scale = StandardScaler().fit(features.astype('f8'))
    z, znew = scale.transform(features.astype('f8')), scale.transform(new.astype('f8'))
    grid = [0.01, 0.1, 1, 10, 100]
    chosen = RidgeCV(grid, alpha_per_target=True, store_cv_values=True).fit(z, target)
    at = [Ridge(alpha).fit(z, target) for alpha in grid]
    ridges.append({
        'n': len(features), 'width': features.shape[1], 'x': features.ravel().tolist(), 'y': target.ravel().tolist(),
        'unseen': new.ravel().tolist(), 'grid': grid, 'chosen': chosen.alpha_.tolist(),
        'leftOut': chosen.cv_values_.tolist(), 'predicted': [m.predict(znew).ravel().tolist() for m in at],
        'coefficients': at[2].coef_.tolist(), 'intercept': at[2].intercept_.tolist(),
    })
out['ridges'] = ridges
# A fit with weights, whose features are scaled with those weights too.
mean = np.average(wide.astype('f8'), axis=0, weights=weights)
deviation = np.sqrt(np.average((wide - mean) ** 2, axis=0, weights=weights))
weighted = Ridge(2.5, solver='cholesky').fit((wide - mean) / deviation, labels[:, 0], sample_weight=weights)
out['weighted'] = {'weights': weights.tolist(), 'lambda': 2.5,
                   'predicted': weighted.predict((wide_unseen - mean) / deviation).tolist()}

kernels = []
for name, kernel in (('linear', DotProduct(0)), ('rbf', RBF(1.7)), ('matern52', Matern(1.7, nu=2.5)),
                     ('polynomial', None)):
    gram = lambda a, b: (a @ b.T / 1.7**2 + 1) ** 3 if kernel is None else kernel(a, b)
    gram_of = lambda a, b: gram(a, b) / 1.7**2 if name == 'linear' else gram(a, b)
    square = gram_of(xc, xc)
    centring = KernelCenterer().fit(square)
    model = KernelRidge(alpha=0.3, kernel='precomputed').fit(centring.transform(square), y - y.mean())
    kernels.append({'kernel': name, 'length': 1.7, 'lambda': 0.3,
                    'predicted': (model.predict(centring.transform(gram_of(uc, xc))) + y.mean()).tolist()})
out['kernels'] = kernels
(Path(__file__).parent.parent / 'golden' / 'linear.json').write_text(json.dumps(out) + '\n')

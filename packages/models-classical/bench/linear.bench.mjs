// Ridge and Gaussian process against scikit-learn's, one thread each, on principal components of the same spectra.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  predictGaussianProcess,
  predictRidge,
  principalComponents,
  project,
  trainGaussianProcess,
  trainRidge,
} from '@astrolabel/models-classical'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('sklearn_labels.py', import.meta.url))
const [ROWS, TRAIN, LABELS] = [2000, 1000, 3]

function askSklearn(x, y, width) {
  const folder = mkdtempSync(join(tmpdir(), 'linear-bench-'))
  try {
    const [fileX, fileY] = [join(folder, 'x.f32'), join(folder, 'y.f64')]
    writeFileSync(fileX, new Uint8Array(x.buffer, x.byteOffset, x.byteLength))
    writeFileSync(fileY, new Uint8Array(y.buffer))
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    return JSON.parse(execFileSync(PYTHON, [SCRIPT, 'fit', fileX, fileY, TRAIN, width], options))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Root mean square difference from label l of the test rows, for values (rows × `labels`). */
function rmse(values, y, l, labels) {
  let square = 0
  for (let row = TRAIN; row < ROWS; row++)
    square += (values[(row - TRAIN) * labels + (labels === 1 ? 0 : l)] - y[row * LABELS + l]) ** 2 / (ROWS - TRAIN)
  return Math.sqrt(square)
}

const digits = (values) => values.map((value) => value.toPrecision(3)).join(', ')

export function rows({ peers, bestSeconds }) {
  if (!peers.generate('gen_spec.py', 'ml', 'ml_X.npy'))
    return [{ name: 'ridge', ours_s: null, peer: 'scikit-learn', peer_s: null, detail: 'peer absent' }]
  const spectra = peers.readNpy('data', 'ml_X')
  const y = Float64Array.from(peers.readNpy('data', 'ml_Y'))
  const pixels = spectra.length / ROWS
  const components = principalComponents(spectra.subarray(0, TRAIN * pixels), TRAIN, pixels, 50)
  const scores = project(components, spectra, ROWS)
  const wideWidth = 3000
  const wide = new Float32Array(ROWS * wideWidth)
  for (let row = 0; row < ROWS; row++)
    wide.set(spectra.subarray(row * pixels, row * pixels + wideWidth), row * wideWidth)
  const out = []
  for (const { x, width } of [
    { x: scores, width: 50 },
    { x: wide, width: wideWidth },
  ]) {
    const theirs = askSklearn(x, y, width)
    const data = { n: TRAIN, x: x.slice(0, TRAIN * width), width, y: y.slice(0, TRAIN * LABELS), labels: LABELS }
    const options = { standardise: false, leverage: false }
    const { best, result } = bestSeconds(() => trainRidge(data, options), 3)
    const { values } = predictRidge(result, x.subarray(TRAIN * width), ROWS - TRAIN)
    const ours = Array.from({ length: LABELS }, (_, l) => rmse(values, y, l, LABELS))
    out.push({
      name: `ridge of 3 labels with choice of λ, ${TRAIN} × ${width}`,
      ours_s: best,
      peer: 'RidgeCV, 21 λ',
      peer_s: theirs.ridge_s,
      detail: `RMSE ${digits(ours)}, theirs ${digits(theirs.ridge_rmse)} (K, dex, dex)`,
    })
    if (width !== 50) continue
    const one = { ...data, y: Float64Array.from({ length: TRAIN }, (_, row) => y[row * LABELS]), labels: 1 }
    const fit = bestSeconds(() => trainGaussianProcess(one, { linear: false }), 1)
    const many = new Float32Array(10 * (ROWS - TRAIN) * width)
    for (let i = 0; i < 10; i++) many.set(x.subarray(TRAIN * width), i * (ROWS - TRAIN) * width)
    const predict = bestSeconds(() => predictGaussianProcess(fit.result, many, theirs.rows), 2)
    const likelihood = fit.result.processes[0].logLikelihood
    out.push(
      {
        name: `Gaussian process, ${TRAIN} × ${width}, hyperparameters sought`,
        ours_s: fit.best,
        peer: 'GaussianProcessRegressor',
        peer_s: theirs.gp_s,
        detail: `RMSE ${digits([rmse(predict.result.values, y, 0, 1)])} K, theirs ${digits([theirs.gp_rmse])}; log-likelihood ${likelihood.toFixed(2)}, theirs ${theirs.likelihood.toFixed(2)}`,
      },
      {
        name: `Gaussian process, predict ${theirs.rows} with errors`,
        ours_s: predict.best,
        peer: 'GaussianProcessRegressor',
        peer_s: theirs.predict_s,
        detail: 'one thread each',
      },
    )
  }
  return out
}

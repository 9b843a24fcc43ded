// A grid search of 2 × 2 × 2 candidates in 5 folds, refit included, against scikit-learn's GridSearchCV with two jobs (which takes
// minutes), ours in two threads; and how long a forest takes to load.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { Pipeline, classicalFactory, searchPipeline } from '@astrolabel/models-classical'
import { labelInfo, makeLabels, makeSpectra } from '@astrolabel/spectra'
import { SearchThreads } from '../dist/search/search-threads.js'

const [TRAIN, TEST, LABELS, FOLDS, THREADS] = [1600, 400, 3, 5, 2]
const SPACE = { 'pca.components': [50, 100], 'forest.trees': [50, 100], 'forest.maxDepth': [8, null] }

/** scikit-learn's KFold without shuffling: blocks of rows one after another. */
function blocks() {
  const all = Array.from({ length: TRAIN }, (_, row) => row)
  const foldOf = (row) => Math.floor((row * FOLDS) / TRAIN)
  return Array.from({ length: FOLDS }, (_, fold) => ({
    train: Int32Array.from(all.filter((row) => foldOf(row) !== fold)),
    test: Int32Array.from(all.filter((row) => foldOf(row) === fold)),
  }))
}

async function searched(data) {
  const pipeline = new Pipeline(['scale', 'pca', 'forest'])
  const start = performance.now()
  const executor = new SearchThreads(pipeline.spec(), data, 1, THREADS)
  const { best, ranked } = await searchPipeline(
    pipeline,
    data,
    blocks(),
    { method: 'grid', space: SPACE },
    { executor },
  )
  await executor.close()
  const fitted = pipeline.withParameters(best).fit(data)
  return { seconds: (performance.now() - start) / 1000, best, fitted, score: ranked[0].score }
}

/** Milliseconds to read a model of 100 trees from its file, ready to predict. */
function loading(spectra, labels, bestSeconds) {
  const { train, fromArrow } = classicalFactory('forest')
  const bytes = train(spectra, labels, {}).toArrow()
  const path = join(tmpdir(), `search-bench-${process.pid}.arrow`)
  writeFileSync(path, bytes)
  const { best } = bestSeconds(() => fromArrow(new Uint8Array(readFileSync(path))), 10)
  rmSync(path)
  return { best, megabytes: bytes.length / 1e6 }
}

function spectraOf(x, y, width) {
  const starId = Array.from({ length: TRAIN }, (_, row) => `star ${row}`)
  const wavelength = { kind: 'linear', start: 3600, step: 0.8, length: width, medium: 'vacuum' }
  const meta = {
    wavelength,
    frame: 'rest',
    stage: 'normalised',
    survey: 'desi',
    release: '',
    noise: 'measured',
    history: [],
    version: '1',
  }
  const labels = ['teff', 'logg', 'fe_h'].map(labelInfo)
  return {
    spectra: makeSpectra({ meta, starId, flux: x, ivar: new Float32Array(x.length).fill(1e4) }),
    labels: makeLabels({ starId, labels, values: y }),
  }
}

export async function rows({ peers, bestSeconds }) {
  if (!peers.generate('gen_spec.py', 'ml', 'ml_X.npy')) return []
  const [x, y] = ['ml_X', 'ml_Y'].map((name) => peers.readNpy('data', name))
  const width = x.length / (TRAIN + TEST)
  const data = {
    n: TRAIN,
    x: x.slice(0, TRAIN * width),
    width,
    y: Float64Array.from(y.slice(0, TRAIN * LABELS)),
    labels: LABELS,
  }
  const ours = await searched(data)
  const { values } = ours.fitted.predict(x.slice(TRAIN * width), TEST, { errors: false })
  const rmse = Array.from({ length: LABELS }, (_, l) => {
    let sum = 0
    for (let row = 0; row < TEST; row++) sum += (values[row * LABELS + l] - y[(TRAIN + row) * LABELS + l]) ** 2 / TEST
    return Math.sqrt(sum)
  })
  const peer = peers.run('bench4_ml.py', 'grid', THREADS)
  const digits = (numbers) => numbers.map((value) => value.toPrecision(3)).join(', ')
  const { spectra, labels } = spectraOf(data.x, data.y, width)
  const load = loading(spectra, labels, bestSeconds)
  return [
    {
      name: 'grid search 2 × 2 × 2 of PCA and forest, 5-fold, 1600 × 7781',
      ours_s: ours.seconds,
      peer: 'scikit-learn GridSearchCV, 2 jobs',
      peer_s: peer?.seconds ?? null,
      detail: `two threads, refit included; best ${JSON.stringify(ours.best)}, theirs ${peer?.best ?? '–'}; RMSE ${digits(rmse)}, theirs ${peer === null ? '–' : digits(peer.rmse)} (K, dex, dex)`,
    },
    {
      name: 'load a forest of 100 trees on 1600 stars with its PCA',
      ours_s: load.best,
      peer: 'none',
      peer_s: null,
      detail: `${load.megabytes.toFixed(1)} MB, checksum and shapes checked`,
    },
  ]
}

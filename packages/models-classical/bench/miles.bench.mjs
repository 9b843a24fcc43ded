// Labels of the MILES library, 4000 to 7000 K, in ten folds by star: the best mean of our classical models, weighed for
// each label inside the training part of each fold, against every one of scikit-learn's on the same spectra and folds.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pipeline, takeTrainingRows } from '@astrolabel/models-classical'
import { LABELS, readMiles } from './miles-spectra.mjs'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('sklearn_labels.py', import.meta.url))
const COMPONENTS = 60

/** Mean absolute difference of label l from the truth, where both are known. */
function absolute(values, truth, l) {
  let [sum, count] = [0, 0]
  for (let at = l; at < truth.length; at += 3) {
    const miss = Math.abs(values[at] - truth[at])
    if (Number.isNaN(miss)) continue
    sum += miss
    count++
  }
  return sum / count
}

/** Labels and errors of all stars, each from a fold that was not trained on it, and what the last fold's are made of. */
function crossValidate({ spectra, y, groups, folds }) {
  const number = new Map([...new Set(groups)].map((group, i) => [group, i]))
  const all = {
    n: spectra.n,
    x: spectra.flux,
    width: spectra.nPix,
    y,
    labels: LABELS.length,
    groups: Int32Array.from(groups, (group) => number.get(group)),
  }
  const pipeline = new Pipeline(['scale', 'pca', 'best'], { 'pca.components': COMPONENTS })
  const values = new Float64Array(y.length)
  const errors = new Float64Array(y.length)
  let said
  for (const fold of folds) {
    const fitted = pipeline.fit(takeTrainingRows(all, fold.train), { seed: 1 })
    const predicted = fitted.predict(takeTrainingRows(all, fold.test).x, fold.test.length)
    fold.test.forEach((row, i) => {
      for (let l = 0; l < 3; l++) {
        values[3 * row + l] = predicted.values[3 * i + l]
        errors[3 * row + l] = predicted.errors[3 * i + l]
      }
    })
    said = fitted.estimator.describe(LABELS)
  }
  return { values, errors, said }
}

function askSklearn({ spectra, y, folds }) {
  const folder = mkdtempSync(join(tmpdir(), 'miles-bench-'))
  const write = (name, array) => {
    writeFileSync(join(folder, name), new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    return join(folder, name)
  }
  const fold = new Int32Array(spectra.n)
  folds.forEach(({ test }, k) => test.forEach((row) => (fold[row] = k)))
  try {
    const files = [write('x.f32', spectra.flux), write('y.f64', y), write('fold.i32', fold)]
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    return JSON.parse(execFileSync(PYTHON, [SCRIPT, 'folds', ...files, COMPONENTS], options)).models
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const shown = (mae) => `${mae[0].toFixed(1)} K, ${mae[1].toFixed(3)}, ${mae[2].toFixed(3)} dex`

export async function rows() {
  const miles = await readMiles()
  const name = 'MILES 4000–7000 K, ten folds, three labels'
  if (miles === undefined) return [{ name, ours_s: null, peer: 'scikit-learn', peer_s: null, detail: 'data absent' }]
  const start = performance.now()
  const { values, errors, said } = crossValidate(miles)
  const ours_s = (performance.now() - start) / 1000
  const mae = LABELS.map((_, l) => absolute(values, miles.y, l))
  const within = LABELS.map((_, l) => {
    let [inside, count] = [0, 0]
    for (let at = l; at < values.length; at += 3) {
      if (Number.isNaN(miles.y[at])) continue
      count++
      if (Math.abs(values[at] - miles.y[at]) <= errors[at]) inside++
    }
    return `${((100 * inside) / count).toFixed(1)} %`
  })
  const made = LABELS.map((label) => `${label} ${said[`${label} is given by`]}`)
  const theirs = askSklearn(miles)
  const peers = Object.entries(theirs ?? {}).map(
    ([model, found]) => `${model} ${shown(found.mae)} in ${found.seconds.toFixed(0)} s`,
  )
  return [
    {
      name,
      ours_s,
      peer: 'scikit-learn, ridge + support vectors + Gaussian process + forest',
      peer_s: theirs === undefined ? null : Object.values(theirs).reduce((sum, { seconds }) => sum + seconds, 0),
      detail: `MAE ${shown(mae)}; 68 % intervals hold ${within.join(', ')}; the last fold’s models ${made.join('; ')}; theirs: ${peers.join('; ') || 'absent'}`,
    },
  ]
}

// Velocities by cross-correlation against the search alone in batched numpy, on the same spectra and templates, one thread.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { crossCorrelate, encodeTemplates } from '@astrolabel/preprocess'
import { RandomStream, makeSpectra, wavelengths } from '@astrolabel/spectra'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('cross_correlate.py', import.meta.url))
const LIGHT = 299_792.458
const [STARS, TEMPLATES, LAGS] = [64, 12, 401]
const GRID = { kind: 'log10', start: 4.179, step: 6e-6, length: 8575, medium: 'vacuum' }
const HALF = (LAGS - 1) / 2

const meta = (wavelength, frame) => ({
  wavelength,
  frame,
  stage: 'raw',
  survey: 'bench',
  release: '',
  noise: 'measured',
  history: [],
  version: '0',
})

/** A star of 400 Gaussian lines of 8 km/s, less 1. */
function linesOf(seed) {
  const random = RandomStream.fromSeed(seed)
  const lines = Array.from({ length: 400 }, () => [
    Math.log(15000) + 0.135 * random.uniform(),
    0.4 * random.uniform() ** 2,
  ])
  return (wave, v) => {
    const flux = new Float64Array(wave.length)
    for (const [at, depth] of lines) {
      const centre = (at + Math.log(1 + v / LIGHT) - Math.log(wave[0])) / (GRID.step * Math.LN10)
      for (let i = Math.max(0, Math.ceil(centre - 14)); i < Math.min(wave.length, centre + 14); i++)
        flux[i] -= depth * Math.exp(-0.5 * (((i - centre) * 4.1418) / 8) ** 2)
    }
    return flux
  }
}

function askNumpy(arrays) {
  const folder = mkdtempSync(join(tmpdir(), 'velocities-bench-'))
  try {
    const file = join(folder, 'input.f64')
    writeFileSync(file, Float64Array.from(arrays.flatMap((matrix) => matrix.flatMap((row) => [...row]))))
    const args = [SCRIPT, file, STARS, GRID.length, TEMPLATES, LAGS].map(String)
    return JSON.parse(execFileSync(PYTHON, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }))
  } catch {
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export function rows({ bestSeconds }) {
  const random = RandomStream.fromSeed(1)
  const wave = wavelengths(GRID)
  const wideGrid = { ...GRID, start: GRID.start - HALF * GRID.step, length: GRID.length + LAGS - 1 }
  const kinds = Array.from({ length: TEMPLATES }, (_, k) => linesOf(k + 1))
  const templates = kinds.map((lines) => lines(wavelengths(wideGrid), 0))
  const velocities = Array.from({ length: STARS }, () => 700 * (2 * random.uniform() - 1))
  const signal = velocities.map((v, i) => kinds[i % TEMPLATES](wave, v).map((s) => s + 0.02 * random.normal()))
  const weight = signal.map((row) => row.map(() => (random.uniform() < 0.1 ? 0 : 2500)))
  const spectra = makeSpectra({
    meta: meta(GRID, 'barycentric'),
    starId: velocities.map((_, i) => `${i}`),
    flux: Float32Array.from(
      signal.flatMap((row) => [...row]),
      (s) => 1 + s,
    ),
    ivar: Float32Array.from(weight.flatMap((row) => [...row])),
  })
  const set = encodeTemplates(
    makeSpectra({
      meta: meta(wideGrid, 'rest'),
      starId: kinds.map((_, k) => `t${k}`),
      flux: Float32Array.from(
        templates.flatMap((row) => [...row]),
        (s) => 1 + s,
      ),
      ivar: new Float32Array(TEMPLATES * wideGrid.length).fill(1),
    }),
  )
  const options = { range: [-800, 800] }
  const { best, result } = bestSeconds(() => crossCorrelate(spectra, set, options), 5)
  const numpy = askNumpy([signal, weight, templates])
  const pull = Math.sqrt(
    result.velocity.reduce((sum, v, i) => sum + ((v - velocities[i]) / result.error[i]) ** 2, 0) / STARS,
  )
  const step = GRID.step * Math.LN10 * LIGHT
  const farthest =
    numpy && Math.max(...numpy.lag.map((lag, i) => Math.abs((HALF - lag) * step - result.velocity[i]))) / step
  const detail = `${((best / STARS) * 1e3).toFixed(1)} ms a star, continuum and velocity between lags included, pulls ${pull.toFixed(2)}`
  return [
    {
      name: `velocities ${STARS} x ${GRID.length}, ${TEMPLATES} templates, ${LAGS} lags`,
      ours_s: best,
      peer: 'numpy rfft, the search alone',
      peer_s: numpy ? numpy.seconds : null,
      detail: numpy ? `${detail}; farthest ${farthest.toFixed(2)} pixels from numpy's lag` : `${detail}; peer absent`,
    },
  ]
}

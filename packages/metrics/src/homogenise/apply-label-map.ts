import type { Column, Labels } from '@astrolabel/spectra'
import { AstrolabelError, labelIndex, makeLabels, makeTable } from '@astrolabel/spectra'
import type { LabelMap, LabelTrend } from './label-map.js'
import { predictorCovariance } from './predictor-covariance.js'
import { basisSize, evaluateBasis } from './trend-basis.js'

/** Flag of stars outside the range of the stars that both surveys have. */
const EXTRAPOLATED = 'OUTSIDE_COMMON_RANGE'

/**
 * Labels of the first survey on the scale of the second.
 *
 * Errors are propagated: σ² = gᵀ Σ_A g + φᵀ C φ + s², with the derivatives g of the new label by the old ones, the basis
 * functions φ, the covariance C of their coefficients and the intrinsic scatter s. What the map adds, √(φᵀ C φ + s²), is
 * in the extra column `<label>_err_map`. A star outside the range of the common stars keeps its labels and gets the flag
 * OUTSIDE_COMMON_RANGE; one without a predictor has no label.
 *
 * @returns only the labels that the map has, without covariances between them.
 * @throws `metrics/no-common-label`, `labels/unknown` for a predictor that is missing, `metrics/flags` when all 32 are taken.
 * Linear.
 */
export function applyLabelMap(labels: Labels, map: LabelMap): Labels {
  const mapped = labels.labels.filter(({ name }) => map.labels[name] !== undefined)
  if (mapped.length === 0)
    throw new AstrolabelError('metrics/no-common-label', 'The map is of other labels', {
      got: Object.keys(map.labels),
      expected: labels.labels.map(({ name }) => name),
    })
  const bit = flagBit(labels)
  const values = new Float64Array(labels.n * mapped.length)
  const errors = new Float64Array(labels.n * mapped.length)
  const flags = labels.flags.slice()
  const added = mapped.map(({ name, unit }, l): Column => {
    const own = new Float64Array(labels.n)
    transform(labels, map.labels[name], (row, value, error, mapError, outside) => {
      values[row * mapped.length + l] = value
      errors[row * mapped.length + l] = error
      own[row] = mapError
      if (outside) flags[row] |= 2 ** bit
    })
    return { name: `${name}_err_map`, values: own, ...(unit === '' ? {} : { unit }) }
  })
  const fresh = new Set(added.map((column) => column.name))
  const before = [...(labels.extra?.columns.values() ?? [])].filter((column) => !fresh.has(column.name))
  return makeLabels({
    starId: labels.starId,
    labels: mapped,
    values,
    errors,
    flags,
    flagBits: labels.flagBits.some(({ name }) => name === EXTRAPOLATED)
      ? labels.flagBits
      : [...labels.flagBits, { bit, name: EXTRAPOLATED }],
    extra: makeTable([...before, ...added], labels.n),
  })
}

function transform(
  labels: Labels,
  { basis, theta, covariance, intrinsic, range }: LabelTrend,
  take: (row: number, value: number, error: number, mapError: number, outside: boolean) => void,
): void {
  const columns = basis.predictors.map((name) => labelIndex(labels, name))
  const count = columns.length
  const m = basisSize(basis)
  const x = new Float64Array(count)
  const phi = new Float64Array(m)
  const slopes = new Float64Array(m * count)
  const sigma = new Float64Array(count * count)
  const g = new Float64Array(count)
  for (let row = 0; row < labels.n; row++) {
    for (let j = 0; j < count; j++) x[j] = labels.values[row * labels.labels.length + columns[j]]
    evaluateBasis(basis, x, phi, slopes)
    predictorCovariance(labels, row, columns, sigma)
    g.fill(0)
    g[0] = 1
    let bias = 0
    let mapVariance = intrinsic * intrinsic
    for (let a = 0; a < m; a++) {
      bias += theta[a] * phi[a]
      for (let j = 0; j < count; j++) g[j] += theta[a] * slopes[a * count + j]
      for (let b = 0; b < m; b++) mapVariance += phi[a] * covariance[a * m + b] * phi[b]
    }
    let variance = mapVariance
    for (let j = 0; j < count; j++) for (let k = 0; k < count; k++) variance += g[j] * sigma[j * count + k] * g[k]
    const value = x[0] + bias
    const known = Number.isFinite(value)
    const hasError = known && labels.errors[row * labels.labels.length + columns[0]] > 0
    take(
      row,
      known ? value : Number.NaN,
      hasError ? Math.sqrt(variance) : Number.NaN,
      known ? Math.sqrt(mapVariance) : Number.NaN,
      basis.predictors.some((name, j) => x[j] < range[name][0] || x[j] > range[name][1]),
    )
  }
}

/** The flag's bit, or the lowest that is free. @throws `metrics/flags`. */
function flagBit({ flagBits, flags }: Labels): number {
  const own = flagBits.find(({ name }) => name === EXTRAPOLATED)
  if (own !== undefined) return own.bit
  const used = flags.reduce((all, one) => all | one, 0)
  for (let bit = 0; bit < 32; bit++)
    if (((used >>> bit) & 1) === 0 && !flagBits.some((known) => known.bit === bit)) return bit
  throw new AstrolabelError('metrics/flags', 'All 32 flags of the labels are taken', {
    remedy: 'Give labels without flags',
  })
}

/**
 * A map out of JSON text.
 *
 * @throws `metrics/not-map` when it is none, or of a version that is not known.
 */
export function parseLabelMap(text: string): LabelMap {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw notMap('text that is not JSON', cause)
  }
  const map = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Partial<LabelMap>
  if (map.format !== 'astrolabel-homogenisation' || map.version !== 1 || typeof map.labels !== 'object')
    throw notMap(`format ${String(map.format)}, version ${String(map.version)}`)
  return map as LabelMap
}

function notMap(got: string, cause?: unknown): AstrolabelError {
  return new AstrolabelError('metrics/not-map', 'This is no map between the labels of two surveys', {
    got,
    expected: 'format astrolabel-homogenisation, version 1',
    remedy: 'Make one with `astrolabel homogenise A B -o map.json`',
    cause,
  })
}

import type { Fittable, Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, labelIndex, requireTraining } from '@astrolabel/spectra'
import { spreadAnchors } from './anchors.js'
import { CannonModel } from './cannon-model.js'
import type { Coefficients, ScatterMethod } from './coefficients.js'
import { fitCoefficients } from './coefficients.js'
import type { FitRegion } from './fit-labels.js'
import { imputeMissingLabels } from './missing-labels.js'
import type { LabelScale, LabelTransform } from './label-scale.js'
import { fitLabelScale, scaleLabel } from './label-scale.js'
import type { PolynomialTerms } from './polynomial-terms.js'
import { polynomialTerms } from './polynomial-terms.js'

/** How The Cannon is trained. */
export interface CannonOptions extends RunOptions {
  /** Labels to learn, by name; all of the table when absent. */
  readonly labels?: readonly string[]
  /** Order of the polynomial; 2. */
  readonly order?: number
  /** How each label enters the polynomial; itself unless named here. */
  readonly transforms?: Readonly<Record<string, LabelTransform>>
  /** How the intrinsic scatter of a pixel is found; `likelihood`. */
  readonly scatter?: ScatterMethod
  /** How far beyond the training range a fit may go, as a part of that range; 0.25. */
  readonly margin?: number
  /** Rounds of filling in missing training labels; 4. */
  readonly imputations?: number
}

const ANCHORS = 64
const SCATTER_METHODS: readonly ScatterMethod[] = ['likelihood', 'moments']

/**
 * Train The Cannon (Ness et al. 2015): flux of each pixel as a polynomial of the labels, with intrinsic scatter.
 *
 * @param spectra Normalised, on one grid, (n × P). @param labels Of the same stars in the same order; a missing label
 * is filled in from the star's own spectrum, with its known labels held.
 * @throws `cannon/constant-label`, `cannon/no-label`, `cannon/few-stars` when there are not two stars more than terms,
 * `cannon/stars-differ` when spectra and labels are of different stars, `cannon/segmented` for unstitched arms,
 * `split/test-part` and `split/two-parts` for spectra that are not a training part.
 * Cost: n P T² a round of scatter.
 */
export function trainCannon(spectra: Fittable, labels: Labels, options: CannonOptions = {}): CannonModel {
  requireTraining(spectra, 'The Cannon')
  const { wavelength } = spectra.meta
  if (wavelength.kind === 'segmented') {
    throw new AstrolabelError('cannon/segmented', 'The Cannon needs spectra on one grid', {
      got: 'arms side by side',
      remedy: 'Stitch the arms in preprocessing',
    })
  }
  if (!SCATTER_METHODS.includes(options.scatter ?? 'likelihood')) {
    throw new AstrolabelError('cannon/scatter', 'Unknown way to find the intrinsic scatter', {
      got: options.scatter,
      expected: SCATTER_METHODS,
    })
  }
  checkStars(spectra, labels)
  const names = options.labels ?? labels.labels.map((label) => label.name)
  const columns = names.map((name) => labelIndex(labels, name))
  const infos = columns.map((column) => labels.labels[column])
  const nLabels = names.length
  if (nLabels === 0)
    throw new AstrolabelError('cannon/no-label', 'There is no label to learn', { remedy: 'Name at least one label' })
  const stray = Object.keys(options.transforms ?? {}).find((name) => !names.includes(name))
  if (stray !== undefined) {
    throw new AstrolabelError('cannon/transform', 'There is a transform for a label that is not learnt', {
      got: stray,
      expected: names,
    })
  }
  const terms = polynomialTerms(nLabels, options.order ?? 2)
  if (spectra.n < terms.terms.length + 2) {
    throw new AstrolabelError(
      'cannon/few-stars',
      `Too few training stars for a polynomial of order ${terms.order} in ${nLabels} labels`,
      {
        got: spectra.n,
        expected: `at least ${terms.terms.length + 2}`,
        remedy: 'Lower the order, use fewer labels or add stars',
      },
    )
  }
  const scales: LabelScale[] = []
  const scaled = new Float64Array(spectra.n * nLabels)
  columns.forEach((column, l) => {
    const values = Float64Array.from({ length: spectra.n }, (_, i) => labels.values[i * labels.labels.length + column])
    const scale = fitLabelScale(names[l], values, options.transforms?.[names[l]] ?? 'identity')
    scales.push(scale)
    for (let i = 0; i < spectra.n; i++)
      scaled[i * nLabels + l] = Number.isNaN(values[i]) ? Number.NaN : scaleLabel(scale, values[i])
  })
  const region = fitRegion(scaled, nLabels, options.margin ?? 0.25)
  const fit = (x: Float64Array, rows?: Int32Array): Coefficients => solve(spectra, terms, x, rows, options)
  const { complete, rounds } = imputeMissingLabels(spectra, terms, scaled, region, fit, options)
  const { theta, scatter2, usable, iterations, converged } = fit(complete)
  return new CannonModel({
    labels: infos,
    scales,
    terms,
    wavelength,
    noise: spectra.meta.noise,
    coefficients: { theta, scatter2, usable },
    region,
    floor: new Float64Array(nLabels),
    trainingLabels: complete,
    source: {
      survey: spectra.meta.survey,
      release: spectra.meta.release,
      preprocessing: spectra.meta.history.filter((entry) => entry.step !== 'ingest'),
    },
    training: {
      stars: spectra.n,
      imputationRounds: rounds,
      scatter: options.scatter ?? 'likelihood',
      scatterIterations: iterations,
      scatterConverged: converged,
      unusablePixels: usable.reduce((count, one) => count + 1 - one, 0),
    },
  })
}

function checkStars(spectra: Spectra, labels: Labels): void {
  const odd = spectra.starId.findIndex((id, i) => id !== labels.starId[i])
  if (odd >= 0 || spectra.n !== labels.n) {
    throw new AstrolabelError('cannon/stars-differ', 'Spectra and labels must be of the same stars in the same order', {
      got:
        odd >= 0
          ? `${spectra.starId[odd]} and ${labels.starId[odd]} in row ${odd}`
          : `${spectra.n} spectra and ${labels.n} labels`,
      remedy: 'Join them by star first',
    })
  }
}

function solve(
  spectra: Spectra,
  terms: PolynomialTerms,
  scaled: Float64Array,
  rows: Int32Array | undefined,
  options: CannonOptions,
): Coefficients {
  const { nPix } = spectra
  const pick = <T extends Float32Array | Float64Array>(matrix: T, width: number): T => {
    if (rows === undefined) return matrix
    const out = new (matrix.constructor as new (length: number) => T)(rows.length * width)
    rows.forEach((row, i) => out.set(matrix.subarray(row * width, (row + 1) * width), i * width))
    return out
  }
  const data = {
    n: rows?.length ?? spectra.n,
    nPix,
    terms,
    scaled: pick(scaled, terms.nLabels),
    flux: pick(spectra.flux, nPix),
    ivar: pick(spectra.ivar, nPix),
    noise: spectra.meta.noise,
  }
  return fitCoefficients(data, options.scatter ?? 'likelihood', options)
}

/** The box and the starting points of fits: the training range with a margin, and stars spread over it. */
function fitRegion(scaled: Float64Array, nLabels: number, margin: number): FitRegion {
  const n = scaled.length / nLabels
  const lower = new Float64Array(nLabels).fill(Number.POSITIVE_INFINITY)
  const upper = new Float64Array(nLabels).fill(Number.NEGATIVE_INFINITY)
  const complete: number[] = []
  for (let i = 0; i < n; i++) {
    const row = scaled.subarray(i * nLabels, (i + 1) * nLabels)
    if (!row.some(Number.isNaN)) complete.push(...row)
    for (let l = 0; l < nLabels; l++) {
      if (Number.isNaN(row[l])) continue
      lower[l] = Math.min(lower[l], row[l])
      upper[l] = Math.max(upper[l], row[l])
    }
  }
  const points = complete.length > 0 ? Float64Array.from(complete) : new Float64Array(nLabels)
  const anchors = new Float64Array(Math.min(ANCHORS, points.length / nLabels) * nLabels)
  const chosen = spreadAnchors(points, nLabels, ANCHORS)
  chosen.forEach((index, a) => anchors.set(points.subarray(index * nLabels, (index + 1) * nLabels), a * nLabels))
  for (let l = 0; l < nLabels; l++) {
    const range = upper[l] - lower[l]
    lower[l] -= margin * range
    upper[l] += margin * range
  }
  return { anchors: anchors.subarray(0, chosen.length * nLabels), lower, upper }
}

import type { LabelInfo, ModelSource, WavelengthGrid } from '@astrolabel/spectra'
import { decodeModelFile, encodeModelFile, gridLength, modelArray } from '@astrolabel/spectra'
import type { CannonParts } from './cannon-model.js'
import type { LabelScale } from './label-scale.js'
import { polynomialTerms } from './polynomial-terms.js'

const FORMAT_VERSION = 1

interface CannonDescription {
  readonly labels: readonly LabelInfo[]
  readonly scales: readonly LabelScale[]
  readonly order: number
  readonly wavelength: WavelengthGrid
  readonly noise: 'measured' | 'unknown'
  readonly source: ModelSource
  readonly training: Readonly<Record<string, unknown>>
}

/** A Cannon as one Arrow IPC file. */
export function encodeCannon(parts: CannonParts): Uint8Array {
  const { labels, scales, wavelength, noise, source, training, coefficients, region, floor, trainingLabels } = parts
  const description: CannonDescription = {
    labels,
    scales,
    order: parts.terms.order,
    wavelength,
    noise,
    source,
    training,
  }
  const nPix = gridLength(wavelength)
  const nLabels = labels.length
  return encodeModelFile({
    kind: 'cannon',
    formatVersion: FORMAT_VERSION,
    description: { ...description },
    arrays: new Map([
      ['theta', { shape: [nPix, parts.terms.terms.length], values: coefficients.theta }],
      ['scatter2', { shape: [nPix], values: coefficients.scatter2 }],
      ['usable', { shape: [nPix], values: Float64Array.from(coefficients.usable) }],
      ['training_labels', { shape: [trainingLabels.length / nLabels, nLabels], values: trainingLabels }],
      ['anchors', { shape: [region.anchors.length / nLabels, nLabels], values: region.anchors }],
      ['floor', { shape: [nLabels], values: floor }],
      ['lower', { shape: [nLabels], values: region.lower }],
      ['upper', { shape: [nLabels], values: region.upper }],
    ]),
  })
}

/**
 * The parts of a Cannon from its file.
 *
 * @throws `model/not-a-model`, `model/wrong-kind`, `model/newer-format`, `model/damaged`, `arrow/unreadable`.
 */
export function decodeCannon(bytes: Uint8Array): CannonParts {
  const file = decodeModelFile(bytes, 'cannon', FORMAT_VERSION)
  const description = file.description as unknown as CannonDescription
  const nPix = gridLength(description.wavelength)
  const nLabels = description.labels.length
  const terms = polynomialTerms(nLabels, description.order)
  return {
    labels: description.labels,
    scales: description.scales,
    terms,
    wavelength: description.wavelength,
    noise: description.noise,
    source: description.source,
    training: description.training,
    coefficients: {
      theta: modelArray(file, 'theta', nPix, terms.terms.length),
      scatter2: modelArray(file, 'scatter2', nPix),
      usable: Uint8Array.from(modelArray(file, 'usable', nPix)),
    },
    floor: modelArray(file, 'floor', nLabels),
    trainingLabels: modelArray(file, 'training_labels', ...(file.arrays.get('training_labels')?.shape ?? [0])),
    region: {
      anchors: modelArray(file, 'anchors', ...(file.arrays.get('anchors')?.shape ?? [0])),
      lower: modelArray(file, 'lower', nLabels),
      upper: modelArray(file, 'upper', nLabels),
    },
  }
}

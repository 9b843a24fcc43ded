import type { LabelTransform } from '@astrolabel/spectra'
import {
  AstrolabelError,
  LABEL_TRANSFORMS,
  transformLabel,
  transformSlope,
  untransformLabel,
} from '@astrolabel/spectra'

/** Scaling of one label: x = (transform(label) - pivot) / scale. */
export interface LabelScale {
  readonly transform: LabelTransform
  readonly pivot: number
  readonly scale: number
}

/**
 * The scale of a label: mean and standard deviation of the transformed training values, NaN ones left out.
 *
 * @throws `cannon/transform` for an unknown transform or a value that it cannot take, `cannon/constant-label` when
 * all values are equal, `cannon/no-label` when there is none.
 */
export function fitLabelScale(name: string, values: Float64Array, transform: LabelTransform): LabelScale {
  if (!LABEL_TRANSFORMS.includes(transform))
    throw new AstrolabelError('cannon/transform', `Unknown transform of label ${name}`, {
      got: transform,
      expected: LABEL_TRANSFORMS,
    })
  const known = values.filter((value) => !Number.isNaN(value))
  if (known.length === 0) {
    throw new AstrolabelError('cannon/no-label', `No training star has a value of label ${name}`, {
      remedy: 'Leave the label out or give stars that have it',
    })
  }
  const transformed = known.map((value) => transformLabel(transform, value))
  const odd = transformed.findIndex((value) => !Number.isFinite(value))
  if (odd >= 0)
    throw new AstrolabelError('cannon/transform', `Transform ${transform} cannot take label ${name}`, {
      got: known[odd],
      expected: 'positive values',
      remedy: 'Use the transform identity',
    })
  const pivot = transformed.reduce((sum, value) => sum + value, 0) / transformed.length
  const scale = Math.sqrt(transformed.reduce((sum, value) => sum + (value - pivot) ** 2, 0) / transformed.length)
  if (!(scale > 1e-12 * Math.max(1, Math.abs(pivot)))) {
    throw new AstrolabelError(
      'cannon/constant-label',
      `Label ${name} is the same for all training stars, so nothing can be learnt of it`,
      { got: known[0], expected: 'at least two values', remedy: 'Leave the label out or add stars that differ in it' },
    )
  }
  return { transform, pivot, scale }
}

/** Label to scaled label. */
export function scaleLabel(scale: LabelScale, label: number): number {
  return (transformLabel(scale.transform, label) - scale.pivot) / scale.scale
}

/** Scaled label to label. */
export function unscaleLabel(scale: LabelScale, x: number): number {
  return untransformLabel(scale.transform, x * scale.scale + scale.pivot)
}

/** d label / d scaled label at a label: what turns scaled errors into physical ones. */
export function labelSlope(scale: LabelScale, label: number): number {
  return transformSlope(scale.transform, label) * scale.scale
}

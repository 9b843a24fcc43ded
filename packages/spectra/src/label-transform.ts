/**
 * How a label enters a model: itself, its inverse (5040 / x: θ of the effective temperature, in which line strengths are
 * closer to linear), or its decimal logarithm.
 */
export type LabelTransform = 'identity' | 'inverse' | 'log10'

const THETA = 5040

const FORWARD: Readonly<Record<LabelTransform, (value: number) => number>> = {
  identity: (value) => value,
  inverse: (value) => THETA / value,
  log10: (value) => Math.log10(value),
}
const BACKWARD: Readonly<Record<LabelTransform, (value: number) => number>> = {
  identity: (value) => value,
  inverse: (value) => THETA / value,
  log10: (value) => 10 ** value,
}
const SLOPE: Readonly<Record<LabelTransform, (label: number) => number>> = {
  identity: () => 1,
  inverse: (label) => -(label * label) / THETA,
  log10: (label) => label * Math.LN10,
}

/** The transforms that there are. */
export const LABEL_TRANSFORMS: readonly LabelTransform[] = ['identity', 'inverse', 'log10']

/** A label, in its unit, as a model takes it. Not finite where the transform cannot take the label. */
export function transformLabel(transform: LabelTransform, label: number): number {
  return FORWARD[transform](label)
}

/** What {@link transformLabel} gave back in the label's unit. */
export function untransformLabel(transform: LabelTransform, value: number): number {
  return BACKWARD[transform](value)
}

/** d label / d transformed, at a label in its unit: what turns errors of one into those of the other. */
export function transformSlope(transform: LabelTransform, label: number): number {
  return SLOPE[transform](label)
}

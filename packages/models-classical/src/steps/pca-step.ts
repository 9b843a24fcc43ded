import { modelArrayOf } from '@astrolabel/spectra'
import type { PrincipalComponents } from '../pca/principal-components.js'
import { principalComponents, project } from '../pca/principal-components.js'
import type { FittedTransformer, Transformer } from '../pipeline/step.js'

/** Components that are kept unless told. */
const USUAL = 100

/** Principal components of the features. */
export const pcaStep: Transformer = {
  role: 'transformer',
  kind: 'pca',
  summary: 'the largest principal components of the features',
  nested: 'components',
  parameters: [
    {
      name: 'components',
      kind: 'integer',
      default: null,
      min: 1,
      optional: true,
      help: `Components to keep, fewer than training stars; none for ${USUAL} or as many as these allow.`,
    },
  ],
  fit: ({ x, n, width }, { components }, { seed, signal }) =>
    new FittedPca(
      principalComponents(x, n, width, (components as number | null) ?? Math.min(USUAL, n - 1, width), {
        seed,
        signal,
      }),
      n,
    ),
  load: ({ facts, arrays }) => {
    const { width, count, stars } = facts as { width: number; count: number; stars: number }
    return new FittedPca(
      {
        width,
        count,
        mean: modelArrayOf('f64', { arrays }, 'mean', width),
        components: modelArrayOf('f32', { arrays }, 'components', count, width),
        variance: modelArrayOf('f64', { arrays }, 'variance', count),
        explained: modelArrayOf('f64', { arrays }, 'explained', count),
      },
      stars,
    )
  },
}

class FittedPca implements FittedTransformer {
  readonly width: number
  readonly #pca: PrincipalComponents
  readonly #stars: number

  constructor(pca: PrincipalComponents, stars: number) {
    this.#pca = pca
    this.#stars = stars
    this.width = pca.count
  }

  transform(x: Float32Array, n: number): Float32Array {
    return project(this.#pca, x, n)
  }

  toPart(): ReturnType<FittedTransformer['toPart']> {
    const { width, count, mean, components, variance, explained } = this.#pca
    return {
      facts: { width, count, stars: this.#stars },
      arrays: new Map([
        ['mean', { shape: [width], values: mean }],
        ['components', { shape: [count, width], values: components }],
        ['variance', { shape: [count], values: variance }],
        ['explained', { shape: [count], values: explained }],
      ]),
    }
  }

  /** A component is a unit vector: the squares of its elements say which part of it each feature makes. */
  spread(importance: Float64Array): Float64Array {
    const { width, count, components } = this.#pca
    const out = new Float64Array(width)
    for (let c = 0; c < count; c++)
      for (let i = 0; i < width; i++) out[i]! += importance[c]! * components[c * width + i]! ** 2
    return out
  }

  distances(x: Float32Array, n: number, z: Float32Array): ReturnType<NonNullable<FittedTransformer['distances']>> {
    const { width, count, mean, variance } = this.#pca
    const residual = new Float64Array(n)
    const latent = new Float64Array(n)
    const leverage = new Float64Array(n)
    for (let row = 0; row < n; row++) {
      // Components are orthonormal: what they leave of a row has the square of the row less that of its components.
      let left = 0
      for (let i = 0; i < width; i++) left += (x[row * width + i]! - mean[i]!) ** 2
      let square = 0
      let counted = 0
      for (let c = 0; c < count; c++) {
        const value = z[row * count + c]! ** 2
        left -= value
        if (!(variance[c]! > 1e-12 * variance[0]!)) continue
        square += value / variance[c]!
        counted++
      }
      residual[row] = Math.max(left, 0) / width
      latent[row] = square / Math.max(counted, 1)
      leverage[row] = Math.min(1 / this.#stars + square / Math.max(this.#stars - 1, 1), 1)
    }
    return { residual, latent, leverage }
  }
}

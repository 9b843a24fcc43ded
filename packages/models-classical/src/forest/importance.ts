import { AstrolabelError } from '@astrolabel/spectra'
import type { PrincipalComponents } from '../pca/principal-components.js'
import type { Forest } from './forest.js'

/**
 * Importance of each feature: its part of what all splits of the forest explain (mean decrease of impurity).
 *
 * @returns (width), adds up to 1; 0 everywhere when no tree has a split.
 */
export function impurityImportance({ feature, gain, width }: Forest): Float64Array {
  const out = new Float64Array(width)
  let total = 0
  for (let node = 0; node < feature.length; node++) {
    if (feature[node]! < 0) continue
    out[feature[node]!]! += gain[node]!
    total += gain[node]!
  }
  return total > 0 ? out.map((part) => part / total) : out
}

/**
 * Importance of pixels from that of principal components: Σ_k importance_k v_kλ². A component's unit vector shares its
 * importance out among the pixels by their part in it, so the sum stays what it was.
 *
 * @param importance (count) of each component, as impurityImportance gives. @returns (width) of each pixel.
 * @throws `importance/options` when there are not as many as components.
 */
export function wavelengthImportance(
  { components, count, width }: Pick<PrincipalComponents, 'components' | 'count' | 'width'>,
  importance: Float64Array,
): Float64Array {
  if (importance.length !== count)
    throw new AstrolabelError('importance/options', 'Importances are not of these components', {
      got: importance.length,
      expected: count,
    })
  const out = new Float64Array(width)
  for (let c = 0; c < count; c++)
    for (let pixel = 0; pixel < width; pixel++) out[pixel]! += importance[c]! * components[c * width + pixel]! ** 2
  return out
}

import { ID_ARRAYS } from '../../catalog/identifiers.js'

/** Names under which files hold the arrays of spectra, by preference; case does not matter. */
export const ARRAY_NAMES = {
  flux: ['flux', 'spectra', 'spectrum', 'fluxes', 'flam'],
  ivar: ['ivar', 'inverse_variance', 'ivars', 'invvar'],
  sigma: [
    'sigma',
    'flux_err',
    'flux_error',
    'fluxerr',
    'error',
    'err',
    'errors',
    'spec_err',
    'spec_errs',
    'uncertainty',
  ],
  mask: ['mask', 'and_mask'],
  wavelength: ['wavelength', 'wave', 'lambda', 'lam', 'wavelengths'],
  loglam: ['loglam', 'log_wavelength'],
  starId: ID_ARRAYS as readonly string[],
  ra: ['ra', 'target_ra'],
  dec: ['dec', 'target_dec'],
  labels: ['labels', 'label_values'],
  labelErrors: ['label_errors', 'labels_err', 'label_err', 'labels_error', 'label_errs'],
  labelNames: ['label_names', 'labels_names', 'names_labels'],
} as const

/** The name among `names` that stands for an array, undefined when there is none. */
export function findArray(names: Iterable<string>, which: keyof typeof ARRAY_NAMES): string | undefined {
  const all = [...names]
  for (const wanted of ARRAY_NAMES[which]) {
    const found = all.find((name) => name === wanted) ?? all.find((name) => name.toLowerCase() === wanted)
    if (found !== undefined) return found
  }
  return undefined
}

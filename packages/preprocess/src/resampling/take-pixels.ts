import type { Spectra, SpectraMeta } from '@astrolabel/spectra'
import { takeLineSpread } from '../broadening/line-spread.js'
import type { Piece } from '../pixels/pieces.js'

/** The pixels of `keep`, one piece after another, in new matrices under new metadata; the line spread goes with them. */
export function takePixels(spectra: Spectra, keep: readonly Piece[], meta: SpectraMeta): Spectra {
  const { n, nPix } = spectra
  const width = keep.reduce((sum, { start, end }) => sum + end - start, 0)
  const take = <T extends Float32Array | Uint32Array>(matrix: T): T => {
    const out = new (matrix.constructor as new (length: number) => T)(n * width)
    for (let row = 0; row < n; row++) {
      let at = row * width
      for (const { start, end } of keep) {
        out.set(matrix.subarray(row * nPix + start, row * nPix + end), at)
        at += end - start
      }
    }
    return out
  }
  return {
    ...spectra,
    meta,
    nPix: width,
    flux: take(spectra.flux),
    ivar: take(spectra.ivar),
    catalog: takeLineSpread(spectra, keep, meta),
    ...(spectra.mask === undefined ? {} : { mask: take(spectra.mask) }),
  }
}

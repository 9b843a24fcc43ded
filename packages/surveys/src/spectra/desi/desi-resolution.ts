import type { FitsFile, ImageHdu } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import type { Column } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import type { ReadOptions } from '../../ingest.js'

/** The resolution matrices of a file's arms. */
export interface DesiResolution {
  /** Diagonals kept: the most that any arm has. */
  readonly nDiag: number
  readonly arms: readonly ImageHdu[]
}

/**
 * The resolution HDUs of a file.
 *
 * @param arms Names and numbers of pixels, in the order of the row.
 * @throws `surveys/no-resolution` when an arm has none, `surveys/not-desi` when one does not fit its arm.
 */
export function desiResolution(
  file: FitsFile,
  arms: readonly { readonly name: string; readonly flux: ImageHdu }[],
  source: string,
): DesiResolution {
  const hdus = arms.map(({ name, flux }) => {
    if (!file.hdus.some((hdu) => hdu.name.toUpperCase() === `${name}_RESOLUTION`))
      throw new AstrolabelError('surveys/no-resolution', `${source} has no resolution matrices`, {
        got: file.hdus.map((hdu) => hdu.name),
        expected: `${name}_RESOLUTION`,
        remedy: 'Read it without resolution',
      })
    const hdu = file.image(`${name}_RESOLUTION`)
    const [rows, nDiag, nPix] = hdu.shape
    if (hdu.shape.length !== 3 || rows !== flux.shape[0] || nPix !== flux.shape[1] || nDiag! % 2 !== 1)
      throw new AstrolabelError('surveys/not-desi', `${hdu.name} of ${source} does not fit the spectra`, {
        got: hdu.shape.join(' × '),
        expected: `${flux.shape[0]} × an odd number of diagonals × ${flux.shape[1]}`,
        remedy: 'Fetch the file again',
      })
    return hdu
  })
  return { nDiag: Math.max(...hdus.map((hdu) => hdu.shape[1]!)), arms: hdus }
}

/**
 * Resolution matrices of some rows, as a column `resolution` of nDiag × nPix values a star, row-major, arms side by side
 * as in the spectra.
 *
 * Diagonal d of pixel j is the matrix element R[j − o, j], with offset o = (nDiag − 1)/2 − d: what a true flux at pixel j
 * gives at pixel j − o. Observed flux is Σ_j R[i, j] true[j], arm by arm. Arms of fewer diagonals have zeros outside.
 *
 * @param rows Ascending.
 */
export async function readResolution(
  { nDiag, arms }: DesiResolution,
  rows: readonly number[],
  options: ReadOptions,
): Promise<Column> {
  const nPix = arms.reduce((sum, hdu) => sum + hdu.shape[2]!, 0)
  const values = new Float32Array(rows.length * nDiag * nPix)
  let start = 0
  for (const hdu of arms) {
    const [, diagonals, width] = hdu.shape as [number, number, number]
    const shift = (nDiag - diagonals) / 2
    for (let at = 0; at < rows.length;) {
      let end = at + 1
      while (end < rows.length && rows[end] === rows[end - 1]! + 1) end++
      const { data } = await hdu.read({ rows: [rows[at]!, rows[end - 1]! + 1], ...readControl(options) })
      for (let i = at; i < end; i++)
        for (let d = 0; d < diagonals; d++) {
          const from = ((i - at) * diagonals + d) * width
          values.set((data as Float32Array).subarray(from, from + width), (i * nDiag + d + shift) * nPix + start)
        }
      at = end
    }
    start += width
  }
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) values[i] = 0
  return { name: 'resolution', values, width: nDiag * nPix }
}

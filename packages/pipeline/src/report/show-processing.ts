import { spectrumPlot, stackFigures } from '@astrolabel/figures'
import type { Spectra } from '@astrolabel/spectra'
import { pixelWavelengths } from '@astrolabel/spectra'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAside } from '../run/write-aside.js'

/** Rows that the wavelengths of a long spectrum are spread over, so that lines can be told apart. */
const LONG = 4000

/** Pictures to draw: numbers `from` to `upTo`, counted from 1. */
export interface PictureRange {
  readonly from: number
  readonly upTo: number
}

/**
 * Pictures of the first stars that have a good pixel, before and after processing, `01-STAR.svg` and so on: the arms as
 * they were, and below them the result.
 *
 * @param after The same stars as `before`, in the same order.
 * @returns the files written; fewer than asked for when there are not so many such stars.
 */
export async function showProcessing(
  before: Spectra,
  after: Spectra,
  { from, upTo }: PictureRange,
  folder: string,
): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const files: string[] = []
  for (let row = 0; row < before.n && from + files.length <= upTo; row++) {
    if (!before.ivar.subarray(row * before.nPix, (row + 1) * before.nPix).some((iv) => iv > 0)) continue
    const id = before.starId[row]!
    const number = String(from + files.length).padStart(2, '0')
    const file = join(folder, `${number}-${id.replaceAll(/[^\w.+-]+/g, '_')}.svg`)
    const figures = [...armFigures(before, row, `${id}, before`), ...armFigures(after, row, `${id}, after`)]
    await writeAside(file, stackFigures(figures, `Spectrum of ${id} before and after processing`))
    files.push(file)
  }
  return files
}

/** One figure an arm, as arms may overlap. */
function armFigures({ meta, nPix, flux, ivar, wave }: Spectra, row: number, title: string): string[] {
  const at = row * nPix
  const waves = wave?.subarray(at, at + nPix) ?? pixelWavelengths(meta)
  const whole = [{ name: '', start: 0, end: nPix }]
  const arms = meta.wavelength.kind === 'segmented' ? (meta.segments ?? whole) : whole
  return arms.map(({ name, start, end }) =>
    spectrumPlot(
      {
        wave: waves.subarray(start, end),
        flux: flux.subarray(at + start, at + end),
        ivar: ivar.subarray(at + start, at + end),
      },
      {
        title: name === '' ? title : `${title}: ${name}`,
        rows: end - start > LONG ? 2 : 1,
        fluxLabel: meta.stage === 'normalised' ? 'normalised flux' : 'flux',
      },
    ),
  )
}

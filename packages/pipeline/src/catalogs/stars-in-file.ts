import type { Table } from '@astrolabel/spectra'
import { makeTable } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'

/** The stars of a spectra file: `star_id`, `ra`, `dec`. */
export async function starsInFile(path: string): Promise<Table> {
  const starId: string[] = []
  const ra: number[] = []
  const dec: number[] = []
  for await (const batch of readSpectraFile(path)) {
    for (let i = 0; i < batch.n; i++) {
      starId.push(batch.starId[i]!)
      ra.push(batch.ra[i]!)
      dec.push(batch.dec[i]!)
    }
  }
  return makeTable(
    [
      { name: 'star_id', values: starId },
      { name: 'ra', values: Float64Array.from(ra), unit: 'deg' },
      { name: 'dec', values: Float64Array.from(dec), unit: 'deg' },
    ],
    starId.length,
  )
}

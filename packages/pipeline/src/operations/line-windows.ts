import type { PixelWindows } from '@astrolabel/metrics'
import type { SpectraMeta } from '@astrolabel/spectra'
import { AstrolabelError, columnNumbers, columnStrings, pixelWavelengths, requireColumn } from '@astrolabel/spectra'
import { readTable } from '../formats/read-table.js'

/**
 * The pixels of each label's lines, from a table of `label`, `start` and `end` (Å, as the spectra count them).
 *
 * @throws `audit/windows` when no window lies on the spectra, and what reading says.
 */
export async function readLineWindows(path: string, meta: SpectraMeta): Promise<PixelWindows> {
  const table = await readTable(path)
  const labels = columnStrings(requireColumn(table, 'label'))
  const start = columnNumbers(requireColumn(table, 'start'))
  const end = columnNumbers(requireColumn(table, 'end'))
  const wave = pixelWavelengths(meta)
  const found = new Map<string, Set<number>>()
  labels.forEach((label, row) => {
    const pixels = found.get(label) ?? new Set<number>()
    wave.forEach((at, p) => {
      if (at >= start[row]! && at <= end[row]!) pixels.add(p)
    })
    if (pixels.size > 0) found.set(label, pixels)
  })
  if (found.size === 0)
    throw new AstrolabelError('audit/windows', `No window of ${path} lies on the spectra`, {
      got: `${labels.length} windows`,
      expected: `wavelengths between ${wave[0]!.toFixed(1)} and ${wave.at(-1)!.toFixed(1)} Å`,
    })
  return new Map([...found].map(([label, pixels]) => [label, Int32Array.from(pixels).sort()]))
}

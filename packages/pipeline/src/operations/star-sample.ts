import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, concatSpectra, makeTable, starGroups, takeSpectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'

/** Some stars of a file, in memory. */
export interface StarSample {
  readonly spectra: Spectra
  /** Stars in the file. */
  readonly read: number
}

/**
 * At most so many stars of a spectra file, all with the same chance, in the order of the file: a survey does not fit in
 * memory, and a picture or a verdict does not need all of it.
 *
 * @throws `audit/no-stars` for a file without any, and what reading says.
 */
export async function sampleStars(path: string, most: number, seed: number, run: RunOptions = {}): Promise<StarSample> {
  const random = RandomStream.fromSeed(seed)
  let batches: Spectra[] = []
  let lots: number[] = []
  let read = 0
  // The stars with the lowest lots stay; thinning seldom keeps the work in proportion to the file.
  const thin = (): void => {
    const kept = Array.from(lots, (_, row) => row)
      .sort((a, b) => lots[a]! - lots[b]!)
      .slice(0, most)
      .sort((a, b) => a - b)
    batches = [takeSpectra(concatSpectra(batches), kept)]
    lots = kept.map((row) => lots[row]!)
  }
  for await (const batch of readSpectraFile(path)) {
    run.signal?.throwIfAborted()
    batches.push(batch)
    for (let i = 0; i < batch.n; i++) lots.push(random.uniform())
    read += batch.n
    if (lots.length > 2 * most) thin()
  }
  if (read === 0)
    throw new AstrolabelError('audit/no-stars', `${path} has no stars`, { remedy: 'Check how it was made' })
  if (lots.length > most) thin()
  return { spectra: concatSpectra(batches), read }
}

/** Stars of several files under each other with nothing but what is common to all: spectra, place and star. */
export function stackStars(all: readonly Spectra[]): Spectra {
  return concatSpectra(
    all.map((spectra) => {
      const { mask: _, wave: __, ...rest } = spectra
      return { ...rest, catalog: makeTable([{ name: 'star_group', values: starGroups(spectra) }], spectra.n) }
    }),
  )
}

import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { writeFitsFile } from '@astrolabel/io-fits/node'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import type { RunOptions } from '@astrolabel/spectra'
import { allStarHdus, drawAllStar } from './all-star.js'
import { coaddHdus } from './desi-coadd.js'
import type { CoaddRow } from './desi-coadd.js'
import { brokenFiber, observeStar } from './desi-observation.js'
import { drawPopulation } from './star-population.js'
import type { SimulatedStar } from './star-population.js'
import { truthCsv } from './truth-table.js'

export interface SimulationOptions extends RunOptions {
  /** Number of stars that DESI observes (default 600). */
  readonly stars?: number
  /** Everything follows from it: the same seed gives the same bytes. */
  readonly seed: number
  /** Stars in a coadd file (default 200); each file is a pointing of its own. */
  readonly starsPerFile?: number
}

/** Paths of the files of a simulated survey. */
export interface SimulatedSurvey {
  readonly desi: readonly string[]
  readonly allStar: string
  readonly truth: string
}

/** One fibre in 250 is broken: COADD_FIBERSTATUS has desispec's BADFIBER. */
const BROKEN_SHARE = 1 / 250
const BAD_FIBER = 1 << 16

/**
 * Write a small survey: DESI-like coadds, an APOGEE-like allStar table and the truth.
 *
 * @param folder made when it is not there; files of the same names are replaced, each only once it is whole.
 * @returns the paths: `coadd-sim-<n>.fits`, `allStar-sim.fits` and `truth.csv`.
 * @throws `simulator/bad-option`; the signal's reason when aborted.
 * Cost: about 20 ms a star and 100 kB of disk; memory for one file.
 */
export async function simulateSurvey(folder: string, options: SimulationOptions): Promise<SimulatedSurvey> {
  const { stars: count = 600, seed, starsPerFile = 200 } = options
  requireInteger('stars', count, 1)
  requireInteger('starsPerFile', starsPerFile, 1)
  requireInteger('seed', seed, -(2 ** 31))
  await mkdir(folder, { recursive: true })

  // A stream of its own for each star: a change in how one is observed leaves the others as they were.
  const [populationStream, catalogStream, ...starStreams] = RandomStream.independent(seed, count + 2)
  const stars = drawPopulation(populationStream!, count, starsPerFile)
  const catalog = drawAllStar(catalogStream!, stars)

  const desi: string[] = []
  for (let start = 0; start < count; start += starsPerFile) {
    const rows: CoaddRow[] = []
    for (let i = start; i < Math.min(count, start + starsPerFile); i++) {
      throwIfAborted(options)
      rows.push(observeRow(stars[i]!, starStreams[i]!))
      options.onProgress?.(i + 1, count)
      // Lets an abort in.
      await setImmediate()
    }
    const file = desi.length
    const path = join(folder, `coadd-sim-${file}.fits`)
    await writeFitsFile(path, coaddHdus(file, rows, seed))
    desi.push(path)
  }
  const allStar = join(folder, 'allStar-sim.fits')
  await writeFitsFile(allStar, allStarHdus(catalog, seed))
  const truth = join(folder, 'truth.csv')
  await writeTextFile(truth, truthCsv(stars, catalog))
  return { desi, allStar, truth }
}

function observeRow(star: SimulatedStar, random: RandomStream): CoaddRow {
  if (random.uniform() < BROKEN_SHARE) return { star, fiberStatus: BAD_FIBER, arms: brokenFiber() }
  return { star, fiberStatus: 0, arms: observeStar(star, random) }
}

async function writeTextFile(path: string, text: string): Promise<void> {
  const aside = `${path}.part`
  try {
    await writeFile(aside, text)
    await rename(aside, path)
  } catch (error) {
    await rm(aside, { force: true })
    throw error
  }
}

function requireInteger(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return
  throw new AstrolabelError('simulator/bad-option', `The simulator's option ${name} is not usable`, {
    got: value,
    expected: `a whole number, at least ${least}`,
  })
}

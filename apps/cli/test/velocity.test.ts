import { readTable } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'
import { TEST_DATA, jsonAlone, scratchFolder } from './cli.js'

const scratch = scratchFolder()

test('velocities of the simulated survey, by its own stars at rest as templates', async () => {
  await jsonAlone(
    'ingest',
    'desi',
    `${TEST_DATA}coadd-sim-0.fits`,
    '--catalog',
    `${TEST_DATA}allStar-sim.fits`,
    '-o',
    scratch('raw.arrow'),
  )
  await jsonAlone('preprocess', scratch('raw.arrow'), '--recipe', 'desi', '-o', scratch('rest.arrow'))
  const summary = await jsonAlone<{ stars: number; measured: number; missing: number; flags: Record<string, number> }>(
    'velocity',
    scratch('raw.arrow'),
    '--templates',
    scratch('rest.arrow'),
    '--range',
    '-400,400',
    '--all',
    '-o',
    scratch('v.arrow'),
  )
  expect(summary.measured + summary.missing).toBe(23)
  expect(summary.missing).toBeLessThanOrEqual(1)
  const velocities = async (file: string): Promise<Float64Array> =>
    (await readTable(scratch(file))).columns.get('v_rad')!.values as Float64Array
  const known = await velocities('raw.arrow')
  const differences = (await velocities('v.arrow'))
    .map((v, i) => Math.abs(v - known[i]!))
    .filter(Number.isFinite)
    .sort()
  // A pixel is 24 to 67 km/s.
  expect(differences[differences.length >> 1]).toBeLessThan(3)
})

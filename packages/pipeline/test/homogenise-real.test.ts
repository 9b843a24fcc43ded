import { applyLabelMap, fitLabelMap } from '@astrolabel/metrics'
import { readTable } from '@astrolabel/pipeline'
import type { Labels } from '@astrolabel/spectra'
import { RandomStream, columnStrings, labelInfo, makeLabels, takeLabels } from '@astrolabel/spectra'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const ALL_STAR = fileURLToPath(
  new URL('../../../../shared/data/apogee/APOGEE-allStar-v603-Hipparcos.fits.gz', import.meta.url),
)
const there = existsSync(ALL_STAR)

if (!there) console.warn(`skipping a test on real labels: there is no ${ALL_STAR}`)

/** Labels as ASPCAP of DR12 fitted them, and as its authors calibrated them, of the stars that have both. */
async function aspcap(): Promise<{ fitted: Labels; calibrated: Labels }> {
  const folder = mkdtempSync(join(tmpdir(), 'astrolabel-homogenise-'))
  try {
    const path = join(folder, 'allStar.fits')
    writeFileSync(path, gunzipSync(readFileSync(ALL_STAR)))
    const { columns } = await readTable(path, { canonical: false, columns: ['APOGEE_ID', 'FPARAM', 'PARAM'] })
    const starId = columnStrings(columns.get('APOGEE_ID')!)
    const [raw, calibrated] = ['FPARAM', 'PARAM'].map((name) => columns.get(name)!.values as Float32Array)
    const seen = new Set<string>()
    const rows = starId.flatMap((id, row) => {
      const known = [0, 1, 3].every((k) => raw![row * 7 + k]! > -9000 && calibrated![row * 7 + k]! > -9000)
      if (!known || seen.has(id)) return []
      seen.add(id)
      return [row]
    })
    const labels = ['teff', 'logg', 'm_h'].map(labelInfo)
    const of = (values: Float32Array): Labels =>
      makeLabels({
        starId: rows.map((row) => starId[row]!),
        labels,
        values: Float64Array.from(rows.flatMap((row) => [0, 1, 3].map((k) => values[row * 7 + k]!))),
      })
    return { fitted: of(raw!), calibrated: of(calibrated!) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test.skipIf(!there)('the calibration of ASPCAP labels is found again from the stars themselves', async () => {
  const { fitted, calibrated } = await aspcap()
  expect(fitted.n).toBeGreaterThan(700)
  const random = (): RandomStream => RandomStream.fromSeed(1)
  const map = fitLabelMap(fitted, calibrated, { random: random() })
  const check = (name: string): { before: number; after: number; verdict: string } => {
    const { rmse_before, rmse_after, verdict } = map.labels[name]!.held_out
    return { before: rmse_before!, after: rmse_after!, verdict }
  }
  // Some 87 K, nearly constant; a plane in Teff, log g and [M/H] describes the calibration of log g.
  expect(check('teff').before).toBeGreaterThan(80)
  expect(check('teff').after).toBeLessThan(0.5)
  expect(check('logg').before).toBeGreaterThan(0.15)
  expect(check('logg').after).toBeLessThan(0.01)
  // That of [M/H] is bent.
  expect(check('m_h').before).toBeGreaterThan(0.07)
  const bent = fitLabelMap(fitted, calibrated, { random: random(), labels: ['m_h'], trend: 'spline', knots: 7 })
  expect(bent.labels['m_h']!.held_out.rmse_after).toBeLessThan(0.85 * check('m_h').after)
  for (const name of ['teff', 'logg', 'm_h']) expect(check(name).verdict).toBe('helps')
  // Hotter stars than any of the common ones are told apart.
  const cool = takeLabels(
    fitted,
    Array.from(fitted.starId.keys()).filter((i) => fitted.values[3 * i]! < 4800),
  )
  const ids = new Set(cool.starId)
  const flagged = applyLabelMap(fitted, fitLabelMap(cool, calibrated, { random: random() }))
  const outside = Array.from(fitted.starId.keys()).filter((i) => fitted.values[3 * i]! >= 4800)
  expect(outside.length).toBeGreaterThan(50)
  for (const i of outside) expect(flagged.flags[i]).toBe(1)
  expect(fitted.starId.every((id, i) => !ids.has(id) || flagged.flags[i] === 0)).toBe(true)
})

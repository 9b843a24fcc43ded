import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formatInspection, inspectPath } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'
import type { FitsInspection } from '../../src/formats/inspection.js'

const root = fileURLToPath(new URL('../../../../../shared/data/fits-conformance/', import.meta.url))
const files = existsSync(root)
  ? readdirSync(root).flatMap((of) => readdirSync(join(root, of)).map((name) => `${of}/${name}`))
  : []
if (files.length === 0) console.warn('shared/data is absent: conformance files are not inspected')

/** Files that were broken on purpose, or changed after their checksums were written. */
const WARNED: Readonly<Record<string, RegExp>> = {
  'astropy/group_invalid.fits': /GROUPS = T and has no random groups/,
  'astropy/checksum_false.fits': /HDU 1 \(RATE\) has changed since its CHECKSUM and DATASUM was written/,
  'astropy/chandra_time.fits': /HDU 1 \(EVENTS\) has changed/,
}

test.each(files)('%s is described, with a warning where it is broken', { timeout: 20_000 }, async (name) => {
  const path = join(root, name)
  if (name === 'cfitsio/testprog.out') {
    await expect(inspectPath(path)).rejects.toMatchObject({ code: 'formats/unknown' })
    return
  }
  const inspection = (await inspectPath(path, { verify: true })) as FitsInspection
  expect(inspection.hdus.length).toBeGreaterThan(0)
  const bad = inspection.hdus.filter(({ sums }) => sums?.checksum === 'bad' || sums?.datasum === 'bad')
  const warned = WARNED[name]
  if (warned === undefined) expect(bad).toEqual([])
  else expect(inspection.warnings.join('\n')).toMatch(warned)
  expect(inspection.warnings.length).toBeGreaterThanOrEqual(bad.length)
  // A person sees what is in each HDU.
  const text = formatInspection(inspection)
  for (const hdu of inspection.hdus) expect(text).toMatch(new RegExp(`^ +${hdu.index} .*${hdu.type}`, 'm'))
})

import { readFileSync } from 'node:fs'
import { spectraFromNpz } from '@astrolabel/surveys'
import { expect, test } from 'vitest'

test('spectra carry the version of the package that read them', () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  const spectra = spectraFromNpz(new Map([['flux', { shape: [1, 2], data: Float64Array.of(1, 2) }]]))
  expect(spectra.meta.version).toBe(version)
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { astrolabel, listing, scratchFolder } from './cli.js'

const scratch = scratchFolder()

interface Demo {
  readonly folder: string
  readonly n: number
  readonly files: Record<string, string>
  readonly labels: Record<string, { readonly rmse: number }>
}

test('the demo goes all the way without input, and a second time has nothing to do', async () => {
  const args = ['demo', '--stars', '80', '--out', scratch('demo'), '--json']
  const first = await astrolabel(args)
  expect(first.code, first.stderr).toBe(0)
  expect(first.stdout.trimEnd().split('\n')).toHaveLength(1)
  const demo = JSON.parse(first.stdout) as Demo
  // Nine in ten of 80 stars are in the catalogue, three in ten of these are held out.
  expect(demo.n).toBeGreaterThan(15)
  expect(Object.keys(demo.labels)).toEqual(['teff', 'logg', 'fe_h', 'mg_fe'])
  expect(demo.labels['teff']!.rmse).toBeLessThan(150)
  expect(demo.labels['fe_h']!.rmse).toBeLessThan(0.25)
  expect(readFileSync(demo.files['report']!, 'utf8')).toContain('<svg')
  expect(listing(scratch('demo'))).toEqual(
    expect.arrayContaining([
      'recipe.yaml',
      'survey/allStar-sim.fits',
      'survey/coadd-sim-0.fits',
      'survey/truth.csv',
      'run/manifest.json',
      'run/report.html',
      'run/5-label/labels.arrow',
    ]),
  )

  const manifest = readFileSync(demo.files['manifest']!, 'utf8')
  const second = await astrolabel(args)
  expect(JSON.parse(second.stdout)).toEqual(demo)
  const stages = second.stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('simulate'))
  expect(stages).toHaveLength(7)
  for (const stage of stages) expect(stage).toMatch(/\(done before\)$/)
  expect(readFileSync(demo.files['manifest']!, 'utf8')).toBe(manifest)
})

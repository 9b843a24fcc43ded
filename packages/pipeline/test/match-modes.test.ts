import { writeSpectraFile } from '@astrolabel/spectra/node'
import { columnNumbers, columnStrings, makeTable } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { matchCatalog, matchCatalogOnThreads } from '../src/catalogs/match-catalog.js'
import { crossmatchStage } from '../src/stages/crossmatch-stage.js'
import type { StageContext } from '../src/stages/stage-context.js'
import { parseRecipe } from '../src/recipe/load-recipe.js'
import { crossmatchChain, crossmatchFiles, findDuplicateStars } from '../src/operations/crossmatch-files.js'
import { silent } from '../src/reporter.js'
import { readTable } from '../src/formats/read-table.js'
import { makeStars, scratchFolder } from './stars.js'
import { fault } from './fault.js'

const scratch = scratchFolder()
const ARCSEC = 1 / 3600

function stars(ra: readonly number[], dec: readonly number[], ...more: readonly Column[]): Table {
  return makeTable([
    { name: 'star_id', values: ra.map((_, i) => `s${i}`) },
    { name: 'ra', values: Float64Array.from(ra) },
    { name: 'dec', values: Float64Array.from(dec) },
    ...more,
  ])
}

const numbers = (table: Table, name: string): number[] => Array.from(columnNumbers(table.columns.get(name)!))
const column = (name: string, ...values: number[]): Column => ({ name, values: Float64Array.from(values) })

const a = stars([10, 20, 30], [0, 0, 0])
const b = stars([10 + ARCSEC, 10 + 2 * ARCSEC, 20 - ARCSEC], [0, 0, 0], column('teff', 5000, 5100, 5200))

test('all pairs and k nearest are listed by rank', () => {
  const pairs = matchCatalog(a, b, { mode: 'pairs', radius: 3 })
  expect([numbers(pairs.table, 'index_a'), numbers(pairs.table, 'index_b')]).toEqual([
    [0, 0, 1],
    [0, 1, 2],
  ])
  expect(numbers(pairs.table, 'rank')).toEqual([1, 2, 1])
  expect(numbers(pairs.table, 'teff')).toEqual([5000, 5100, 5200])
  expect(pairs.summary).toMatchObject({
    n: 3,
    mode: 'pairs',
    one_to_one: false,
    ambiguous: 1,
    unmatched: { a: 1, b: 0 },
  })
  const two = matchCatalog(a, b, { mode: 'k', k: 2, radius: 100_000 })
  expect(numbers(two.table, 'index_a')).toEqual([0, 0, 1, 1, 2, 2])
  expect(numbers(two.table, 'rank')).toEqual([1, 2, 1, 2, 1, 2])
  expect(numbers(two.table, 'index_b').slice(0, 2)).toEqual([0, 1])
})

test('a left join keeps stars without a counterpart, in order and with nothing in their columns', () => {
  const { table, summary } = matchCatalog(a, b, { join: 'left' })
  expect(columnStrings(table.columns.get('star_id')!)).toEqual(['s0', 's1', 's2'])
  expect(numbers(table, 'index_b')).toEqual([0, 2, -1])
  expect(numbers(table, 'teff')).toEqual([5000, 5200, Number.NaN])
  expect(table.columns.get('candidates')!.valid).toEqual(Uint8Array.of(1, 1, 0))
  expect(summary).toMatchObject({ n: 2, unmatched: { a: 1, b: 1 } })
})

test('columns of both catalogues are kept apart by their letter', () => {
  const withTeff = stars([10], [0], column('teff', 1), column('separation', 7))
  const { table } = matchCatalog(withTeff, b, { keepA: 'all' })
  expect([...table.columns.keys()]).toEqual(
    ['star_id', 'index_a', 'index_b', 'separation', 'candidates', 'ra', 'dec', 'teff', 'separation_a'].concat([
      'star_id_b',
      'ra_b',
      'dec_b',
      'teff_b',
    ]),
  )
  expect(numbers(matchCatalog(withTeff, b, { keepA: ['TEFF'] }).table, 'teff')).toEqual([1])
})

test('each star can have a radius of its own, in the unit of its column', () => {
  const errors = { ...column('pos_err', 300, 100, Number.NaN), unit: 'mas' }
  const list = stars([10, 20, 30], [0, 0, 0], errors)
  const near = stars([10 + ARCSEC, 20 + ARCSEC, 30 + ARCSEC], [0, 0, 0])
  // 4 x 0.3 arcsec reach, 4 x 0.1 do not, and a star without an error takes the radius of all.
  const { table, summary } = matchCatalog(list, near, { radiusColumn: 'pos_err', sigmas: 4, radius: 2 })
  expect(numbers(table, 'index_a')).toEqual([0, 2])
  expect(summary.radius_arcsec).toBeNull()
  expect(fault(() => matchCatalog(list, near, { radiusColumn: 'pos_er' })).message).toContain("Did you mean 'pos_err'?")
  const kelvin = { ...column('pos_err', 1, 1, 1), unit: 'K' }
  expect(
    fault(() =>
      matchCatalog(stars([1], [1], { ...kelvin, values: Float64Array.of(1) }), b, { radiusColumn: 'pos_err' }),
    ),
  ).toMatchObject({
    code: 'table/unit',
  })
})

test('proper motions carry the first catalogue to the second, or the second to the first', () => {
  // 1 arcsec a year in ra on the sky at declination 60, which is 2 in ra.
  const gaia = stars([10], [60], column('pmra', 1000), column('pmdec', 0))
  const old = stars([10 - 32 * ARCSEC], [60])
  const epochs = { epochA: 2016, epochB: 2000, radius: 0.01 }
  expect(matchCatalog(gaia, old, epochs).summary.n).toBe(1)
  expect(matchCatalog(old, gaia, { epochA: 2000, epochB: 2016, radius: 0.01 }).summary.n).toBe(1)
  expect(fault(() => matchCatalog(gaia, old, { radius: 1 })).code).toBe('crossmatch/no-match')
  const named = stars([10], [60], column('mu_a', 1000), column('mu_d', 0), column('ref_epoch', 2016))
  const byName = { ...epochs, epochA: 'ref_epoch', pmA: ['mu_a', 'mu_d'] as const }
  expect(matchCatalog(named, old, byName).summary.n).toBe(1)
  expect(fault(() => matchCatalog(old, old, epochs))).toMatchObject({ code: 'crossmatch/no-motion' })
  expect(fault(() => matchCatalog(gaia, old, { epochA: 2016 })).message).toContain('no epoch of B')
})

test('identifiers of 64 bits and of text are joined exactly', () => {
  const near = 2n ** 60n
  const ids = (...values: bigint[]): Table => makeTable([{ name: 'gid', values: BigInt64Array.from(values) }])
  const left = ids(near, near + 1n, near + 2n)
  const right = makeTable([{ name: 'other', values: BigUint64Array.of(near + 2n, near) }, column('teff', 5000, 6000)])
  const { table, summary } = matchCatalog(left, right, { byId: { a: 'gid', b: 'other' } })
  expect(numbers(table, 'index_a')).toEqual([0, 2])
  expect(numbers(table, 'teff')).toEqual([6000, 5000])
  expect(summary).toMatchObject({
    mode: 'id',
    by: 'gid=other',
    separation_arcsec: { median: null, max: null },
    radius_arcsec: null,
    unmatched: { a: 1, b: 0 },
  })
  const names = { byId: { a: 'star_id', b: 'star_id' } }
  expect(matchCatalog(a, stars([0, 0], [0, 0]), names).summary.n).toBe(2)
  expect(fault(() => matchCatalog(a, makeTable([{ name: 'star_id', values: ['x'] }]), names)).message).toContain(
    'None of 3 stars has its identifier among 1',
  )
  const floats = makeTable([column('gid', 2 ** 60)])
  expect(fault(() => matchCatalog(left, floats, { byId: { a: 'gid', b: 'gid' } })).code).toBe('crossmatch/id')
  expect(matchCatalog(ids(5n), makeTable([column('gid', 5)]), { byId: { a: 'gid', b: 'gid' } }).summary.n).toBe(1)
})

test('threads give the same match', async () => {
  const n = 250_001
  const ra = Float64Array.from({ length: n }, (_, i) => (i * 137.50776405) % 360)
  const dec = Float64Array.from({ length: n }, (_, i) => (Math.asin((2 * i + 1) / n - 1) * 180) / Math.PI)
  const many = makeTable([
    { name: 'ra', values: ra },
    { name: 'dec', values: dec },
  ])
  const one = matchCatalog(many, many, { radius: 1 })
  const two = await matchCatalogOnThreads(many, many, { radius: 1 }, 2)
  expect(two.summary).toEqual(one.summary)
  expect(one.summary.n).toBe(n)
})

/** Two surveys of the same stars, of which some matches are strangers. */
function surveys(): { a: Table; b: Table; strangers: string[] } {
  const n = 200
  const wave = (i: number, k: number): number => Math.sin(i * k) + Math.cos(i * (k + 0.7))
  const ra = Array.from({ length: n }, (_, i) => i)
  const dec = ra.map((i) => i / 4 - 20)
  const isStranger = (i: number): boolean => i % 25 === 7
  const label = (name: string, scale: number, k: number, shift: number): Column =>
    column(name, ...ra.map((i) => scale * (wave(i, k) + (isStranger(i) ? shift : 0))))
  // A stranger is three sigma off in every label.
  const labels = (shift: number): Column[] => [
    label('teff', 500, 1.3, shift),
    label('logg', 1, 2.1, shift),
    label('fe_h', 0.4, 0.9, shift),
  ]
  return {
    a: stars(ra, dec, ...labels(0)),
    b: stars(
      ra.map((x) => x + 0.2 * ARCSEC),
      dec,
      ...labels(3),
    ),
    strangers: ra.filter(isStranger).map((i) => `s${i}`),
  }
}

const LABELS = ['teff', 'logg', 'fe_h'].map((name) => ({ name, a: name, b: name }))

test('a plausibility cut removes strangers, keeps the rest, and its report adds up', () => {
  const sky = surveys()
  const { table, removed, summary } = matchCatalog(sky.a, sky.b, { plausible: { labels: LABELS } })
  const report = summary.plausible!
  expect(columnStrings(removed!.columns.get('star_id')!)).toEqual(sky.strangers)
  expect(columnStrings(table.columns.get('star_id')!).some((id) => sky.strangers.includes(id))).toBe(false)
  expect(report).toMatchObject({ pairs: 200, removed: 8, max_distance: 4.5 })
  expect(summary.n + report.removed).toBe(report.pairs)
  expect(report.parts.map(({ label, weight }) => [label, weight])).toEqual([
    ['teff', 1],
    ['logg', 1],
    ['fe_h', 2],
    ['separation', 2],
  ])
  expect(report.parts.reduce((sum, { decided }) => sum + decided, 0)).toBe(8)
  const distance = numbers(removed!, 'distance')
  const parts = report.parts.map(({ label }) => numbers(removed!, `distance_${label}`))
  distance.forEach((d, i) =>
    expect(d).toBeCloseTo(
      parts.reduce((sum, part) => sum + part[i]!, 0),
      10,
    ),
  )
  const mean = distance.reduce((sum, d) => sum + d, 0) / 8
  expect(report.parts.reduce((sum, part) => sum + part.mean_removed!, 0)).toBeCloseTo(mean, 10)
})

test('weights, threshold, missing labels and columns of the cut are the user’s', () => {
  const sky = surveys()
  const cut = (options: object): number =>
    matchCatalog(sky.a, sky.b, { plausible: { labels: LABELS, ...options } }).summary.plausible!.removed
  expect(cut({ maxDistance: 1e9 })).toBe(0)
  expect(cut({ maxDistance: 0.5, separationWeight: 0 })).toBe(8)
  expect(cut({ spread: 'mad', reference: 'a' })).toBe(8)
  const light = LABELS.map((label) => ({ ...label, weight: 0 }))
  expect(cut({ labels: light })).toBe(0)
  expect(fault(() => cut({ maxDistance: 0.3 })).message).toContain('None of 200 pairs is plausible')
  expect(fault(() => cut({ labels: [{ name: 'teff', a: 'teff', b: 'tef' }] })).message).toContain(
    "Did you mean 'teff'?",
  )
  // Pairs by identifier have no separation, and none is counted.
  const byId = matchCatalog(sky.a, sky.b, { byId: { a: 'star_id', b: 'star_id' }, plausible: { labels: LABELS } })
  expect(byId.summary.plausible!.parts.at(-1)).toMatchObject({ label: 'separation', weight: 0, mean_kept: 0 })
  expect(byId.summary.plausible!.removed).toBe(8)
  // Nobody is thrown out for a label that is not known.
  const blank = stars([0], [-20], column('teff', Number.NaN), column('logg', Number.NaN), column('fe_h', Number.NaN))
  expect(matchCatalog(blank, sky.b, { plausible: { labels: LABELS } }).summary.n).toBe(1)
})

async function csv(name: string, table: Table): Promise<string> {
  const columns = [...table.columns.values()]
  const rows = Array.from({ length: table.n }, (_, i) => columns.map(({ values }) => values[i]).join())
  await writeFile(scratch(name), `${[columns.map((c) => c.name).join(), ...rows].join('\n')}\n`)
  return scratch(name)
}

test('a chain finds the stars of the first file in all others', async () => {
  const [first, second, third] = [
    await csv('a.csv', a),
    await csv('b.csv', b),
    await csv('c.csv', stars([30, 10], [0, 0], column('v_rad', 1, 2))),
  ]
  const out = scratch('chain.csv')
  const inner = await crossmatchChain(first, [second, third], silent, { out })
  expect(inner).toMatchObject({ mode: 'chain', n: 1, a: 3, found_in: [0, 2, 1], radius_arcsec: 3 })
  const [titles, row] = readFileSync(out, 'utf8').trim().split('\n')
  expect(titles).toMatch(
    /^star_id,index_a,index_b,separation_b,candidates_b,star_id_b,ra,dec,teff,index_c,separation_c,/,
  )
  expect(row).toMatch(/^s0,0,0,/)
  const left = await crossmatchChain(first, [second, third], silent, { out, join: 'left' })
  expect(left.n).toBe(3)
  expect(readFileSync(out, 'utf8').trim().split('\n')[2]).toMatch(/^s1,1,2,/)
  await expect(crossmatchChain(first, [second, third], silent, { mode: 'pairs' })).rejects.toThrow('mode pairs')
  const far = await csv('far.csv', stars([200], [0]))
  await expect(crossmatchChain(first, [second, far], silent)).rejects.toThrow(`none at all in ${far}`)
})

test('duplicates of one file are grouped', async () => {
  const path = await csv('twice.csv', stars([0, 50, 359.9999, 50], [0, 0, 0, 0.0001], column('teff', 1, 2, 3, 4)))
  const out = scratch('groups.csv')
  expect(await findDuplicateStars(path, silent, { radius: 1, out })).toEqual({
    mode: 'duplicates',
    n: 2,
    a: 4,
    members: 4,
    largest: 2,
    stars: 2,
    without_position: 0,
    radius_arcsec: 1,
  })
  const rows = readFileSync(out, 'utf8').trim().split('\n')
  expect(rows[0]).toBe('group,star_id,index,separation,ra,dec,teff')
  expect(rows.slice(1).map((text) => text.split(',').slice(0, 3).join())).toEqual([
    '0,s0,0',
    '0,s2,2',
    '1,s1,1',
    '1,s3,3',
  ])
})

test('files of matches and of removed pairs are written when asked for', async () => {
  const sky = surveys()
  const files = [await csv('sa.csv', sky.a), await csv('sb.csv', sky.b)] as const
  const [out, removed] = [scratch('same.csv'), scratch('removed.csv')]
  const summary = await crossmatchFiles(files[0], files[1], silent, { out, removed, plausible: { labels: LABELS } })
  const lines = (path: string): number => readFileSync(path, 'utf8').trim().split('\n').length - 1
  expect([lines(out), lines(removed)]).toEqual([summary.n, summary.plausible!.removed])
})

test('the stage of a recipe cuts by labels that the spectra bring, and keeps all stars when joined from the left', async () => {
  const spectra = makeStars({ n: 40 })
  await writeSpectraFile(scratch('raw.arrow'), [spectra])
  const strangers = [3, 17]
  const labels = ['teff', 'fe_h'].map((name) => {
    const values = columnNumbers(spectra.catalog.columns.get(name)!)
    const far = name === 'teff' ? 3000 : -4
    return column(name, ...values.map((value, i) => (strangers.includes(i) ? value + far : value)))
  })
  const catalog = await csv('catalog.csv', stars([...spectra.ra], [...spectra.dec], ...labels))
  const recipe = parseRecipe(
    `name: cut
ingest: { survey: npz }
crossmatch:
  catalog: ${catalog}
  join: left
  plausible: { labels: [{ name: teff, a: teff, b: teff }, { name: fe_h, a: fe_h, b: fe_h }], spread: mad }
train: { model: cannon, labels: [teff] }
`,
    'cut.yaml',
  )
  const context = { rawSpectra: scratch('raw.arrow'), reporter: silent, data: (path: string) => path }
  const stage = crossmatchStage(context as unknown as StageContext, recipe.crossmatch!)
  const files = [scratch('matches.arrow'), scratch('removed.arrow')]
  const { text, summary } = await stage.run(files, () => undefined, undefined)
  expect(text).toContain('38 of 40 stars matched within 3″')
  expect(text).toContain('2 of 40 pairs not plausible')
  expect(summary).toMatchObject({ n: 38, plausible: { removed: 2 } })
  const [matches, removed] = [await readTable(files[0]!), await readTable(files[1]!)]
  expect(matches.n).toBe(40)
  expect(numbers(matches, 'index_b').flatMap((row, i) => (row < 0 ? [i] : []))).toEqual(strangers)
  expect(numbers(removed, 'index_a')).toEqual(strangers)
})

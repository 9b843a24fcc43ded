import { columnNumbers, columnStrings, makeTable, requireColumn } from '@astrolabel/spectra'
import type { HduInput } from '@astrolabel/io-fits'
import { milesReader, parseMilesNames, parseMilesParams } from '@astrolabel/surveys'
import { expect, test } from 'vitest'
import { collect, fitsFile, memoryFile, rejection, warnings } from './memory-source.js'

const params = [
  '#MILES  Teff  log g   [Fe/H]',
  '#s????   ',
  '# - - - - - -',
  '  0001  5650   4.40    -0.90',
  '  022.  7950   3.95     0.35',
  '  0407 99999   9999     9999',
  '  0838  2748   5.09     9999',
  '',
].join('\n')

const names = [
  'Name                  MILES   CaT   SpT            Teff   log g   [Fe/H]  Refs   Libraries',
  '                      s????   ',
  ' - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - --',
  'BD-010306              0081         G1V             5650   4.40    -0.90   111                ',
  'HD041312               0203         K3II/IIICNv     4000   0.93    -0.58   333                ',
  'HD013267               0078   197   B5Ia           13800   2.44      --    66            E    ',
  'HD098468               0407         K0                --     --      --     --               ',
  'M71 1-77          Cl   0967                         4014   1.32    -0.13   1     L           ',
].join('\r\n')

const image = (
  flux: number[],
  header: [string, number][] = [
    ['CRVAL1', 3540.5],
    ['CDELT1', 0.9],
    ['CRPIX1', 1],
  ],
): HduInput[] => [
  {
    kind: 'image',
    header: header.map(([key, value]) => ({ key, value })),
    shape: [flux.length],
    data: Float64Array.from(flux),
  },
]

test('MILES_params.db gives labels, its damaged row a warning that names it', () => {
  const seen = warnings()
  const table = parseMilesParams(params, 'MILES_params.db', seen)
  expect(columnStrings(requireColumn(table, 'number'))).toEqual(['0001', '0407', '0838'])
  expect([...columnNumbers(requireColumn(table, 'teff'))]).toEqual([5650, Number.NaN, 2748])
  expect([...columnNumbers(requireColumn(table, 'fe_h'))]).toEqual([-0.9, Number.NaN, Number.NaN])
  expect([...requireColumn(table, 'fe_h').valid!]).toEqual([1, 0, 0])
  expect(seen.list).toEqual([
    {
      code: 'surveys/miles-row',
      source: 'MILES_params.db',
      message: expect.stringContaining('MILES_params.db line 5: row "022." is left out'),
    },
  ])
  expect(seen.list[0]!.message).toContain('022. 7950 3.95 0.35')
})

test('the file of names is cut at fixed places', () => {
  const table = parseMilesNames(names, 'paramsMILES_v9.1.txt')
  expect(columnStrings(requireColumn(table, 'name'))).toEqual([
    'BD-010306',
    'HD041312',
    'HD013267',
    'HD098468',
    'M71 1-77',
  ])
  expect(columnStrings(requireColumn(table, 'spectral_type'))).toEqual(['G1V', 'K3II/IIICNv', 'B5Ia', 'K0', ''])
  expect([...columnNumbers(requireColumn(table, 'teff'))]).toEqual([5650, 4000, 13800, Number.NaN, 4014])
  expect([...columnNumbers(requireColumn(table, 'logg'))]).toEqual([4.4, 0.93, 2.44, Number.NaN, 1.32])
  expect([...columnNumbers(requireColumn(table, 'fe_h'))]).toEqual([-0.9, -0.58, Number.NaN, Number.NaN, -0.13])
})

test('spectra are air, at rest, without errors; stars are called as their files', async () => {
  const files = [
    fitsFile('lib/MILES_res2.50_star_m0001V.fits', image([1, 0, -0.1, 2])),
    fitsFile('lib/s0407.fits', image([1, Number.NaN, 3, 4])),
    fitsFile('lib/new star.fits', image([1, 2, 3, 4])),
  ]
  const [batch, ...rest] = await collect(
    milesReader.read(files, {
      labels: parseMilesParams(params, 'p'),
      names: parseMilesNames(names.replace('0081', '0001'), 'n'),
      release: 'v9.1',
    }),
  )
  expect(rest).toEqual([])
  expect(batch!.starId).toEqual(['m0001V', 's0407', 'new star'])
  expect([...batch!.ivar]).toEqual([1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1])
  expect([...batch!.flux]).toEqual([1, 0, Math.fround(-0.1), 2, 1, 0, 3, 4, 1, 2, 3, 4])
  expect(batch!.meta).toMatchObject({
    survey: 'miles',
    release: 'v9.1',
    frame: 'rest',
    noise: 'unknown',
    wavelength: { kind: 'linear', start: 3540.5, step: 0.9, length: 4, medium: 'air' },
  })
  expect([...columnNumbers(requireColumn(batch!.catalog, 'teff'))]).toEqual([5650, Number.NaN, Number.NaN])
  expect(columnStrings(requireColumn(batch!.catalog, 'star_group'))).toEqual(['BD-010306', 'HD098468', 'new star'])
  expect(columnStrings(requireColumn(batch!.catalog, 'spectral_type'))).toEqual(['G1V', 'K0', ''])
})

test('labels given by hand are not filled up from the file of names', async () => {
  const labels = makeTable([
    { name: 'star_id', values: ['m0203V'] },
    { name: 'teff', values: Float64Array.of(4100) },
  ])
  const files = ['m0081V', 'm0203V'].map((name) => fitsFile(`${name}.fits`, image([1, 2])))
  const [batch] = await collect(milesReader.read(files, { labels, names: parseMilesNames(names, 'n') }))
  expect([...columnNumbers(requireColumn(batch!.catalog, 'teff'))]).toEqual([Number.NaN, 4100])
  expect(batch!.catalog.columns.has('fe_h')).toBe(false)
})

test('spectra are read without any labels, in batches', async () => {
  const files = Array.from({ length: 5 }, (_, i) => fitsFile(`m000${i}V.fits`, image([i + 1, 1])))
  const batches = await collect(milesReader.read(files, { batchRows: 2 }))
  expect(batches.map((batch) => batch.starId)).toEqual([['m0000V', 'm0001V'], ['m0002V', 'm0003V'], ['m0004V']])
  expect([...batches[0]!.catalog.columns.keys()]).toEqual(['number', 'star_group'])
})

test('the reference pixel and CD1_1 are heeded', async () => {
  const [batch] = await collect(
    milesReader.read(
      [
        fitsFile(
          'x.fits',
          image(
            [1, 2, 3],
            [
              ['CRVAL1', 5000],
              ['CD1_1', 2],
              ['CRPIX1', 3],
            ],
          ),
        ),
      ],
      {},
    ),
  )
  expect(batch!.meta.wavelength).toMatchObject({ start: 4996, step: 2 })
})

test('a bad file is left out and named; when all are bad that is an error', async () => {
  const seen = warnings()
  const good = fitsFile('m0001V.fits', image([1, 2]))
  const noise = memoryFile('m0002V.fits', new Uint8Array(5000))
  const bare = fitsFile('m0003V.fits', image([1, 2], []))
  const batches = await collect(milesReader.read([noise, good, bare], seen))
  expect(batches.flatMap((batch) => batch.starId)).toEqual(['m0001V'])
  expect(seen.list.map(({ code, source }) => [code, source])).toEqual([
    ['surveys/file-failed', 'm0002V.fits'],
    ['surveys/file-failed', 'm0003V.fits'],
  ])
  expect(seen.list[1]!.message).toMatch(/m0003V.fits does not say where its pixels lie: got CRVAL1 absent/)
  const all = await rejection(collect(milesReader.read([noise, bare], {})))
  expect([all.code, all.message]).toEqual([
    'surveys/all-failed',
    expect.stringMatching(/None of the 2 files could be read: got m0002V.fits: file is not FITS/),
  ])
  expect((await rejection(collect(milesReader.read([noise], {})))).code).toBe('fits/not-fits')
})

test('a table instead of an image, and another grid, are told apart', async () => {
  const table = fitsFile('table.fits', [
    { kind: 'image' },
    { kind: 'table', columns: [{ name: 'x', values: Float64Array.of(1) }] },
  ])
  expect((await rejection(collect(milesReader.read([table], {})))).code).toBe('fits/not-an-image')
  const other = await rejection(
    collect(milesReader.read([fitsFile('a.fits', image([1, 2])), fitsFile('b.fits', image([1, 2, 3]))], {})),
  )
  expect([other.code, other.message]).toEqual([
    'surveys/grids-differ',
    expect.stringMatching(/a.fits and b.fits have different wavelengths: got 3 pixels.*expected 2 pixels/),
  ])
})

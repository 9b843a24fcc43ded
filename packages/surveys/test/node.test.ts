import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { encodeFits } from '@astrolabel/io-fits'
import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import { fitTemplate, templateOf, writeNpz } from '@astrolabel/surveys'
import { findFiles, openSurvey, readCatalog, readSurvey, surveyFiles } from '@astrolabel/surveys/node'
import { afterAll, expect, test } from 'vitest'
import { collect, rejection, warnings } from './memory-source.js'

const folder = mkdtempSync(join(tmpdir(), 'surveys-'))
afterAll(() => rmSync(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)
const write = (name: string, content: string | Uint8Array): string => {
  mkdirSync(join(at(name), '..'), { recursive: true })
  writeFileSync(at(name), content)
  return at(name)
}
const star = (flux: number[]): Uint8Array =>
  encodeFits([
    {
      kind: 'image',
      header: [
        { key: 'CRVAL1', value: 3540.5 },
        { key: 'CDELT1', value: 0.9 },
      ],
      shape: [flux.length],
      data: Float64Array.from(flux),
    },
  ])

test('files, folders and patterns are found, in order and once', async () => {
  for (const name of ['f/b.fits', 'f/a.fits', 'f/deep/c.fits', 'f/notes.txt', 'f/.hidden.fits']) write(name, '')
  const fits = (name: string): boolean => name.endsWith('.fits')
  const find = async (...paths: string[]): Promise<string[]> =>
    (await findFiles(paths.map(at), fits, '*.fits')).map((path) => path.slice(folder.length + 1))
  expect(await find('f')).toEqual(['f/a.fits', 'f/b.fits', 'f/deep/c.fits'])
  expect(await find('f/b.fits', 'f/?.fits')).toEqual(['f/b.fits', 'f/a.fits'])
  expect(await find('f/**/*.fits')).toEqual(['f/a.fits', 'f/b.fits', 'f/deep/c.fits'])
  expect(await find('f/notes.txt')).toEqual(['f/notes.txt'])
  const error = await rejection(find('g'))
  expect([error.code, error.message]).toEqual([
    'surveys/no-files',
    expect.stringMatching(/No files at .*g: expected a file, a folder that holds \*.fits, or a pattern/),
  ])
  expect((await rejection(findFiles([], fits, '*.fits'))).code).toBe('surveys/no-files')
})

test('sets and choices in patterns, lists of paths, and the same file under two names', async () => {
  for (const name of ['p/a1.fits', 'p/a2.fits', 'p/b1.fits', 'p/sub/a3.fits', 'p/odd[1].fits', 'p/@x.fits'])
    write(name, '')
  const find = async (...paths: string[]): Promise<string[]> =>
    (await findFiles(paths, (name) => name.startsWith('a'), 'a*.fits')).map((path) => path.slice(folder.length + 1))
  expect(await find(at('p/a[12].fits'))).toEqual(['p/a1.fits', 'p/a2.fits'])
  expect(await find(at('p/[!b@]?.fits'))).toEqual(['p/a1.fits', 'p/a2.fits'])
  expect(await find(at('p/{b1,sub/a?}.fits'))).toEqual(['p/b1.fits', 'p/sub/a3.fits'])
  expect(await find(at('p/*/a3.fits'))).toEqual(['p/sub/a3.fits'])
  expect(await find(at('p/odd[1].fits'))).toEqual(['p/odd[1].fits'])
  write('list.txt', `\uFEFF${at('p/b1.fits')}\r\n\r\n# more\r\n${at('p')}\r\n`)
  expect(await find(`@${at('list.txt')}`, at('p/../p/a1.fits'))).toEqual([
    'p/b1.fits',
    'p/a1.fits',
    'p/a2.fits',
    'p/sub/a3.fits',
  ])
  expect((await rejection(find(`@${at('none.txt')}`))).message).toMatch(/Cannot read the list .*none\.txt: got ENOENT/)
  expect((await rejection(find(at('p/a[9].fits')))).code).toBe('surveys/no-files')
})

test('a survey opened once is read file by file, in any order, and a template makes the files fit one another', async () => {
  const paths = [
    write('once/m0001V.fits', star([1, 2, 3])),
    write('once/m0002V.fits', star([4, 5, 6])),
    write('once/m0003V.fits', star([7, 8, 9, 10])),
  ]
  write(
    'once/MILES_params.db',
    '#MILES  Teff  log g   [Fe/H]\n  0001  5650   4.40    -0.90\n  0002  4000   1.00  -1.0\n',
  )
  const survey = await openSurvey('miles', paths)
  expect(survey.extent).toBeUndefined()
  const read = async (path: string): Promise<Spectra> => (await collect(survey.read(path)))[0]!
  const second = await read(paths[1]!)
  const first = await read(paths[0]!)
  expect([...first.flux, ...second.flux]).toEqual([1, 2, 3, 4, 5, 6])
  const template = templateOf('m0002V.fits', second)
  expect(template.catalog.n).toBe(0)
  const fitted = fitTemplate(template, 'm0001V.fits', first, false)
  expect([...fitted.catalog.columns.keys()]).toEqual([...second.catalog.columns.keys()])
  expect([...columnNumbers(requireColumn(fitted.catalog, 'teff'))]).toEqual([5650])
  const longer = await read(paths[2]!)
  expect(() => fitTemplate(template, 'm0003V.fits', longer, false)).toThrow(
    /m0002V.fits and m0003V.fits have different wavelengths/,
  )
  const normalised = { ...first, meta: { ...first.meta, stage: 'normalised' } }
  expect(() => fitTemplate(template, 'm0001V.fits', normalised, false)).toThrow(
    /files of two kinds: got stage normalised, expected raw/,
  )
  // Columns that the template lacks are left out, those that a file lacks are missing.
  const bare = { ...first, catalog: { n: 1, columns: new Map([['other', { name: 'other', values: ['x'] }]]) } }
  expect([...fitTemplate(template, 'a', bare, false).catalog.columns.keys()]).toEqual([
    ...template.catalog.columns.keys(),
  ])
  expect((await rejection(openSurvey('gaia' as 'npz', paths))).code).toBe('surveys/unknown-survey')
})

test('a MILES folder brings its labels, zipped files too', async () => {
  write('miles/m0001V.fits', star([1, 2, 3]))
  write('miles/m0002V.fits.gz', gzipSync(star([4, 5, 6])))
  write(
    'miles/MILES_params.db',
    '#MILES  Teff  log g   [Fe/H]\n  0001  5650   4.40    -0.90\n  0002  4000   1.00     9999\n  022.  7950   3.95     0.35\n',
  )
  const seen = warnings()
  const [batch] = await collect(readSurvey('miles', [at('miles')], seen))
  expect(batch!.starId).toEqual(['m0001V', 'm0002V'])
  expect([...batch!.flux]).toEqual([1, 2, 3, 4, 5, 6])
  expect([...columnNumbers(requireColumn(batch!.catalog, 'teff'))]).toEqual([5650, 4000])
  expect(seen.codes()).toEqual(['surveys/miles-row'])
})

test('the files that a survey is read from are known, other files of the folder do not count', async () => {
  for (const name of ['known/m0001V.fits', 'known/run/1-ingest/spectra.arrow', 'known/notes.txt']) write(name, '')
  write('known/MILES_params.db', '#MILES  Teff  log g   [Fe/H]\n')
  const files = await surveyFiles('miles', [at('known')])
  expect(files.map((path) => path.slice(folder.length + 1))).toEqual(['known/m0001V.fits', 'known/MILES_params.db'])
  write('known/coadd-1.fits', '')
  write('known/spectra-1.fits', '')
  expect((await surveyFiles('desi', [at('known')])).map((path) => path.slice(folder.length + 7))).toEqual([
    'coadd-1.fits',
  ])
})

test('of a folder of APOGEE the combined stars are taken, unless others are named', async () => {
  const names = ['apStar-r6-a.fits', 'asStar-r12-b.fits', 'aspcapStar-r6-l30e.2-a.fits', 'apVisit-r6-1-2-3.fits']
  for (const name of [...names, 'apVisitSum-1-2.fits', 'allStar-l31c.2.fits']) write(`apogee/${name}`, '')
  const find = async (...paths: string[]): Promise<string[]> =>
    (await surveyFiles('apogee', paths.map(at))).map((path) => path.slice(folder.length + 8)).sort()
  expect(await find('apogee')).toEqual(['apStar-r6-a.fits', 'asStar-r12-b.fits'])
  expect(await find('apogee/aspcapStar-*')).toEqual(['aspcapStar-r6-l30e.2-a.fits'])
  expect(await find('apogee/apVisit-*.fits')).toEqual(['apVisit-r6-1-2-3.fits'])
  for (const name of ['spec-0266-51602-0031.fits', 'spec-lite-1-2-3.fits.gz', 'spectra-1.fits', 'spSpec-1-2-3.fit'])
    write(`sdss/${name}`, '')
  expect((await surveyFiles('sdss', [at('sdss')])).map((path) => path.slice(folder.length + 6))).toEqual([
    'spSpec-1-2-3.fit',
    'spec-0266-51602-0031.fits',
    'spec-lite-1-2-3.fits.gz',
  ])
})

test('a catalogue of text travels with spectra, and tells how many stars it lacks', async () => {
  const npz = write(
    'x.npz',
    writeNpz(
      new Map([
        ['wavelength', { shape: [2], data: Float64Array.of(1, 2) }],
        ['flux', { shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) }],
        ['star_id', { shape: [2], data: ['a', 'b'] }],
      ]),
    ),
  )
  const labels = write('labels.csv', 'star_id,TEFF,e_teff,[Fe/H]\nb,5000,50,-9999\n')
  const seen = warnings()
  const [batch] = await collect(readSurvey('npz', [npz], { catalog: labels, labels: ['teff'], ...seen }))
  expect([...columnNumbers(requireColumn(batch!.catalog, 'teff'))]).toEqual([Number.NaN, 5000])
  expect([...batch!.catalog.columns.keys()]).toEqual(['teff', 'teff_err'])
  expect(seen.list).toEqual([
    {
      code: 'surveys/not-in-catalog',
      source: 'labels.csv',
      message: '1 of 2 stars are not in the catalogue (matched by star_id)',
    },
  ])
  expect((await rejection(collect(readSurvey('npz', [npz], { catalog: labels, labels: ['mg_fe'] })))).message).toMatch(
    /labels.csv has no column mg_fe: expected one of star_id, teff, teff_err, fe_h/,
  )
})

test('catalogues are told by their contents', async () => {
  const csv = await readCatalog(write('c.csv', 'TARGETID,FEH,FEH_ERR\n39633297352951412,-9999,0.1\n'))
  expect(columnStrings(requireColumn(csv, 'TARGETID'))).toEqual(['39633297352951412'])
  expect([...requireColumn(csv, 'fe_h').valid!]).toEqual([0])
  const fits = await readCatalog(
    write(
      'c.fits',
      encodeFits([
        { kind: 'image' },
        {
          kind: 'table',
          name: 'RVTAB',
          columns: [
            { name: 'TARGETID', values: BigInt64Array.of(7n) },
            { name: 'VRAD', values: Float64Array.of(12) },
            { name: 'TEFF', values: Float32Array.of(5000) },
          ],
        },
      ]),
    ),
    { columns: ['v_rad'] },
  )
  expect([...fits.columns.keys()]).toEqual(['TARGETID', 'v_rad'])
  const zipped = await readCatalog(write('c.csv.gz', gzipSync('id,teff\n1,2\n')))
  expect([...columnNumbers(requireColumn(zipped, 'teff'))]).toEqual([2])
  expect((await rejection(readCatalog(write('empty.csv', 'id,teff\n')))).code).toBe('surveys/empty-catalog')
  expect((await rejection(readCatalog(at('absent.csv')))).message).toMatch(/Cannot open .*absent.csv: got ENOENT/)
  expect((await rejection(readCatalog(at('c.csv'), { kind: 'miles' }))).code).toBe('surveys/not-miles')
})

test('an unknown survey lists those there are', async () => {
  expect((await rejection(collect(readSurvey('gaia' as 'npz', ['x'])))).message).toMatch(
    /Unknown survey: got gaia, expected miles, desi, npz, table/,
  )
})

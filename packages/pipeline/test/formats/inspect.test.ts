import { mkdirSync, writeFileSync } from 'node:fs'
import { encodeFits } from '@astrolabel/io-fits'
import { encodeModelFile, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import { writeNpz } from '@astrolabel/surveys'
import { describe, expect, test } from 'vitest'
import { formatInspection } from '../../src/formats/format-inspection.ts'
import { inspectPath } from '../../src/formats/inspect.ts'
import type { FitsInspection } from '../../src/formats/inspection.ts'
import { textTable } from '../../src/formats/text-table.ts'
import { writeLabels, writeTable } from '../../src/formats/write-table.ts'
import { sampleSpectra, scratchFolder, shared, yieldAll } from './sample.ts'

const file = scratchFolder()

describe('textTable', () => {
  test('aligns what terminals show: accents take no column, East Asian characters two', () => {
    const text = textTable(
      [{ title: 'label' }, { title: 'σ', align: 'right' }, { title: 'note' }],
      [
        ['Teff', '81.5', ''],
        ['[Fe/H]', '0.1', 'e\u0301te\u0301'],
        ['星', '12', 'x'],
      ],
    )
    expect(text).toBe(
      [
        'label      σ  note',
        '──────  ────  ────',
        'Teff    81.5',
        '[Fe/H]   0.1  e\u0301te\u0301',
        '星        12  x',
      ].join('\n'),
    )
  })

  test('of no rows is its titles', () => {
    expect(textTable([{ title: 'a' }, { title: 'bc' }], [])).toBe('a  bc\n─  ──')
  })
})

test('FITS gives the agreed document, every key of every HDU', async () => {
  const path = file('small.fits')
  writeFileSync(
    path,
    encodeFits([
      { kind: 'image' },
      { kind: 'image', name: 'FLUX', shape: [2, 3], data: new Float32Array(6) },
      {
        kind: 'table',
        name: 'CAT',
        columns: [
          { name: 'ID', values: BigInt64Array.of(1n, 2n) },
          { name: 'TEFF', values: Float32Array.of(1, 2), unit: 'K' },
          { name: 'MAG', values: new Float64Array(10), shape: [5] },
          { name: 'NAME', values: ['a', 'bcd'] },
        ],
      },
    ]),
  )
  const inspection = await inspectPath(path)
  expect(JSON.parse(JSON.stringify(inspection))).toEqual({
    format: 'fits',
    file: path,
    bytes: 5 * 2880,
    hdus: [
      { index: 0, name: 'PRIMARY', type: 'image', shape: [], dtype: null, rows: null, columns: [], compression: null },
      { index: 1, name: 'FLUX', type: 'image', shape: [2, 3], dtype: 'f4', rows: null, columns: [], compression: null },
      {
        index: 2,
        name: 'CAT',
        type: 'bintable',
        compression: null,
        shape: [2],
        dtype: null,
        rows: 2,
        columns: [
          { name: 'ID', format: '1K', dtype: 'i8', shape: [], unit: null },
          { name: 'TEFF', format: '1E', dtype: 'f4', shape: [], unit: 'K' },
          { name: 'MAG', format: '5D', dtype: 'f8', shape: [5], unit: null },
          { name: 'NAME', format: '3A', dtype: 'str', shape: [], unit: null },
        ],
      },
    ],
    warnings: [],
  })
  expect(formatInspection(inspection)).toBe(
    [
      'small.fits: FITS, 3 HDUs, 14.4 kB',
      '',
      'HDU  name     type      shape   dtype  columns',
      '───  ───────  ────────  ──────  ─────  ───────',
      '  0  PRIMARY  image',
      '  1  FLUX     image     2 × 3   f4',
      '  2  CAT      bintable  2 rows               4',
      '',
      'HDU 2 CAT',
      'column  format  dtype  shape  unit',
      '──────  ──────  ─────  ─────  ────',
      'ID      1K      i8',
      'TEFF    1E      f4            K',
      'MAG     5D      f8     5',
      'NAME    3A      str',
    ].join('\n'),
  )
})

test('spectra: the grid in words, the history, the labels, what is known of each column', async () => {
  await writeSpectraFile(file('s.arrow'), yieldAll([sampleSpectra(5), sampleSpectra(5)]))
  const inspection = await inspectPath(file('s.arrow'))
  expect(inspection).toMatchObject({
    format: 'arrow',
    kind: 'spectra',
    rows: 10,
    batches: 2,
    pixels: 24,
    wavelength: '24 pixels, 3981.07–4002.21 Å by 0.0001 in log10, vacuum',
    frame: 'rest',
    survey: 'test',
    release: 'DR1',
    labels: ['teff', 'fe_h'],
    history: [{ step: 'continuum', options: { degree: 2 } }],
  })
  if (inspection.format !== 'arrow' || inspection.kind !== 'spectra') throw new Error('not spectra')
  expect(inspection.columns.slice(0, 6).map((column) => [column.name, column.dtype, column.shape])).toEqual([
    ['star_id', 'str', []],
    ['ra', 'f8', []],
    ['dec', 'f8', []],
    ['flux', 'f4', [24]],
    ['ivar', 'f4', [24]],
    ['mask', 'u4', [24]],
  ])
  expect(inspection.columns.find(({ name }) => name === 'teff')).toMatchObject({
    dtype: 'f8',
    unit: 'K',
    missing: 2,
    min: 5000,
  })
  expect(inspection.good_pixels).toBeCloseTo(1 - 11 / 120, 12)
  const text = formatInspection(inspection)
  expect(text.split('\n')[0]).toMatch(/^s\.arrow: spectra of 10 stars × 24 pixels, /)
  expect(text).toContain('history      continuum')
  expect(text).toMatch(/teff +f8 +K +8 +5000 +/)
})

test('segments are told one by one', async () => {
  const meta = {
    wavelength: { kind: 'segmented' as const, medium: 'vacuum' as const },
    segments: [
      {
        name: 'b',
        start: 0,
        end: 20,
        wavelength: { kind: 'linear' as const, start: 3600, step: 0.8, length: 20, medium: 'vacuum' as const },
      },
      {
        name: 'r',
        start: 20,
        end: 24,
        wavelength: { kind: 'linear' as const, start: 5760, step: 0.8, length: 4, medium: 'vacuum' as const },
      },
    ],
  }
  await writeSpectraFile(file('seg.arrow'), yieldAll([sampleSpectra(1, meta)]))
  expect(await inspectPath(file('seg.arrow'))).toMatchObject({
    wavelength: '24 pixels in 2 segments, 3600–5762 Å, vacuum',
    segments: [
      { name: 'b', start: 0, end: 20, wavelength: '20 pixels, 3600–3615.2 Å by 0.8 Å, vacuum' },
      { name: 'r' },
    ],
  })
})

test('labels: which there are, and how many stars have each flag', async () => {
  const labels = makeLabels({
    starId: ['a', 'b'],
    labels: [labelInfo('teff')],
    values: Float64Array.of(5000, Number.NaN),
    flags: Uint32Array.of(0, 3),
    flagBits: [
      { bit: 0, name: 'NO_FIT' },
      { bit: 1, name: 'EDGE' },
      { bit: 4, name: 'FAR' },
    ],
  })
  await writeLabels(file('l.arrow'), yieldAll([labels]))
  const inspection = await inspectPath(file('l.arrow'))
  expect(inspection).toMatchObject({
    kind: 'labels',
    rows: 2,
    labels: [{ name: 'teff', unit: 'K', symbol: 'Teff' }],
    flags: { NO_FIT: 1, EDGE: 1, FAR: 0 },
  })
  expect(formatInspection(inspection)).toContain('labels  Teff (K)\nflags   NO_FIT 1, EDGE 1, FAR 0')
})

test('a model: kind, labels, grid and numbers of its training', async () => {
  const bytes = encodeModelFile({
    kind: 'cannon',
    formatVersion: 1,
    description: {
      labels: [labelInfo('teff'), labelInfo('fe_h')],
      order: 2,
      wavelength: { kind: 'linear', start: 5000, step: 1, length: 3, medium: 'air' },
      source: {
        survey: 'miles',
        release: 'v9.1',
        preprocessing: [
          { step: 'crop', options: {} },
          { step: 'continuum', options: {} },
        ],
      },
      training: { stars: 120, seed: 1, ranges: [1, 2] },
    },
    arrays: new Map([['theta', { shape: [3, 6], values: new Float64Array(18) }]]),
  })
  writeFileSync(file('m.arrow'), bytes)
  const inspection = await inspectPath(file('m.arrow'))
  expect(inspection).toMatchObject({
    kind: 'model',
    model: 'cannon',
    order: 2,
    survey: 'miles',
    wavelength: '3 pixels, 5000–5002 Å by 1 Å, air',
    arrays: [{ name: 'theta', shape: [3, 6] }],
    training: { stars: 120 },
  })
  const text = formatInspection(inspection)
  expect(text).toContain('labels      teff (K), fe_h (dex)')
  expect(text).toContain('takes       crop → continuum')
  expect(text).toContain('stars       120')
})

test('tables of Arrow, Parquet and text: rows and columns', async () => {
  const table = makeTable([
    { name: 'id', values: BigInt64Array.of(1n, 2n) },
    { name: 'v', values: Float64Array.of(1.5, Number.NaN), valid: Uint8Array.of(1, 0), unit: 'km/s' },
    { name: 'xyz', values: new Float32Array(6), width: 3 },
  ])
  for (const format of ['arrow', 'parquet', 'csv'] as const) {
    await writeTable(file(`t.${format}`), table)
    const inspection = await inspectPath(file(`t.${format}`))
    expect(inspection).toMatchObject({ format, kind: 'table', rows: 2 })
    const { columns } = inspection as {
      columns: readonly { name: string; dtype: string; unit: string | null; missing: number | null }[]
    }
    expect(columns.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual(
      {
        arrow: ['id i8', 'v f8', 'xyz f4'],
        parquet: ['id i8', 'v f8', 'xyz list of f4'],
        csv: ['id f8', 'v f8', 'xyz_0 f8', 'xyz_1 f8', 'xyz_2 f8'],
      }[format],
    )
    expect([columns[1]!.unit, columns[1]!.missing]).toEqual(
      { arrow: ['km/s', 1], parquet: ['km/s', null], csv: [null, 1] }[format],
    )
    expect(formatInspection(inspection)).toMatch(/2 rows/)
  }
})

test('an archive: its arrays, by content whatever the extension', async () => {
  const arrays = new Map([
    ['flux', { shape: [2, 3], data: new Float32Array(6) }],
    ['wavelength', { shape: [3], data: new Float64Array(3) }],
  ])
  writeFileSync(file('a.zip'), writeNpz(arrays))
  const inspection = await inspectPath(file('a.zip'))
  expect(inspection).toMatchObject({
    format: 'npz',
    kind: 'spectra',
    arrays: [
      { name: 'flux', dtype: '<f4', shape: [2, 3] },
      { name: 'wavelength', dtype: '<f8', shape: [3] },
    ],
  })
  expect(formatInspection(inspection)).toContain('flux        <f4    2 × 3')
})

test('a run folder: its stages and how long they took; another folder is refused', async () => {
  mkdirSync(file('run'))
  await expect(inspectPath(file('run'))).rejects.toMatchObject({
    code: 'formats/folder',
    message: expect.stringContaining('no manifest.json') as string,
  })
  const stage = {
    key: '',
    options: {},
    inputs: [],
    outputs: [{ path: 'spectra.arrow', bytes: 1, modified: 1, sha256: '' }],
    seconds: 12.34,
    finished: '2026-01-01T00:00:00.000Z',
    text: '796 stars',
    summary: {},
  }
  writeFileSync(
    file('run/manifest.json'),
    JSON.stringify({ astrolabel: '0.1.0', node: '', platform: '', recipe: { name: 'x' }, stages: { ingest: stage } }),
  )
  const inspection = await inspectPath(file('run'))
  expect(inspection).toEqual({
    format: 'run',
    file: file('run'),
    astrolabel: '0.1.0',
    recipe: { name: 'x' },
    stages: [
      { name: 'ingest', seconds: 12.34, finished: stage.finished, text: '796 stars', outputs: ['spectra.arrow'] },
    ],
  })
  expect(formatInspection(inspection)).toContain('ingest     12.3  2026-01-01T00:00:00.000Z  796 stars')
})

test('a recipe is shown as it stands', async () => {
  writeFileSync(file('r.yaml'), 'ingest:\n  survey: miles\ntrain:\n  model: cannon\n')
  const inspection = await inspectPath(file('r.yaml'))
  expect(inspection).toMatchObject({ format: 'yaml', kind: 'recipe', keys: ['ingest', 'train'] })
  expect(formatInspection(inspection)).toContain('ingest:\n  survey: miles')
  writeFileSync(file('bad.yaml'), 'a: [1\nb: }')
  await expect(inspectPath(file('bad.yaml'))).rejects.toMatchObject({ code: 'formats/yaml' })
})

test('what cannot be told is refused with what could', async () => {
  await expect(inspectPath(file('none.fits'))).rejects.toMatchObject({ code: 'formats/no-file' })
  writeFileSync(file('thing.xyz'), 'whatever')
  await expect(inspectPath(file('thing.xyz'))).rejects.toMatchObject({ code: 'formats/unknown' })
})

describe('survey files', () => {
  const coadd = shared('desi/coadd-5-169-thru20210419.fits')
  const allStar = shared('apogee/APOGEE-allStar-v603-Hipparcos.fits.gz')
  const sdss = shared('sdss/spec-0266-51602-0031.fits')
  const miles = shared('miles/MILES_res2.50_star_m0001V.fits')

  async function fits(path: string): Promise<FitsInspection> {
    const inspection = await inspectPath(path)
    if (inspection.format !== 'fits') throw new Error('not FITS')
    expect(formatInspection(inspection).length).toBeGreaterThan(100)
    return inspection
  }

  test.skipIf(!coadd.exists)('DESI coadd', async () => {
    const { hdus } = await fits(coadd.path)
    expect(hdus[1]).toMatchObject({ name: 'FIBERMAP', type: 'bintable', rows: 5, shape: [5], dtype: null })
    expect(hdus[1]!.columns[0]).toEqual({ name: 'TARGETID', format: 'K', dtype: 'i8', shape: [], unit: null })
    expect(hdus.find(({ name }) => name === 'B_RESOLUTION')).toMatchObject({
      type: 'image',
      shape: [5, 11, 2751],
      dtype: 'f4',
    })
  })

  test.skipIf(!allStar.exists)('APOGEE allStar, gzip', async () => {
    const inspection = await fits(allStar.path)
    expect(inspection.hdus[1]).toMatchObject({ name: 'Joined', rows: 3244 })
    expect(inspection.hdus[1]!.columns).toHaveLength(182)
    expect(formatInspection(inspection)).toContain('… and 142 more (--json lists all)')
  })

  test.skipIf(!sdss.exists || !miles.exists)('SDSS and MILES', async () => {
    expect((await fits(sdss.path)).hdus.map(({ name }) => name).slice(0, 4)).toEqual([
      'PRIMARY',
      'COADD',
      'SPECOBJ',
      'SPZLINE',
    ])
    expect((await fits(miles.path)).hdus[0]).toMatchObject({ type: 'image', shape: [4300], dtype: 'f8' })
  })
})

const desi = shared('desi/spectra-5-169-thru20210419.fits')

test.skipIf(!desi.exists)('a compressed image reads as the image that it is, and says how it is packed', async () => {
  const inspection = (await inspectPath(desi.path)) as FitsInspection
  const mask = inspection.hdus.find((hdu) => hdu.name === 'B_MASK')!
  expect([mask.type, mask.compression, mask.dtype, mask.columns]).toEqual(['image', 'GZIP_1', 'u4', []])
  expect(formatInspection(inspection)).toContain('image (GZIP_1)')
})

test('a compressed table reads as the table that it is, and says how its columns are packed', async () => {
  const path = file('packed.fits')
  const columns = [
    { name: 'ID', values: Int32Array.of(1, 2) },
    { name: 'NAME', values: ['a', 'b'] },
  ]
  writeFileSync(path, encodeFits([{ kind: 'table', name: 'CAT', columns, compress: {} }]))
  const inspection = (await inspectPath(path)) as FitsInspection
  expect(inspection.hdus[1]).toMatchObject({ type: 'bintable', rows: 2, compression: 'RICE_1, GZIP_1' })
  expect(formatInspection(inspection)).toContain('bintable (RICE_1, GZIP_1)')
})

test('checksums are compared when that is asked for; of an HDU that is cut short that is said', async () => {
  const flux = { kind: 'image', name: 'FLUX', data: Float32Array.from({ length: 2000 }, (_, i) => i) } as const
  const bytes = encodeFits([flux, { ...flux, name: 'IVAR' }], { checksum: true })
  const at = bytes.length - 2 * 2880
  bytes[at]! ^= 1
  const path = file('sums.fits')
  writeFileSync(path, bytes)
  const inspection = (await inspectPath(path, { verify: true })) as FitsInspection
  expect(inspection.hdus.map(({ sums }) => sums)).toEqual([
    { checksum: 'ok', datasum: 'ok' },
    { checksum: 'bad', datasum: 'bad' },
  ])
  expect(formatInspection(inspection)).toMatch(/1 {2}IVAR .* bad +bad$/m)
  expect(((await inspectPath(path)) as FitsInspection).hdus[0]).not.toHaveProperty('sums')

  writeFileSync(path, bytes.subarray(0, bytes.length - 2 * 2880))
  const cut = (await inspectPath(path, { verify: true })) as FitsInspection
  expect(cut.warnings).toHaveLength(1)
  expect(formatInspection(cut)).toMatch(/1 {2}IVAR .* cut short +cut short$/m)
})

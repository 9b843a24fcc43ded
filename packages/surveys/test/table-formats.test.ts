import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { columnNumbers, columnStrings, requireColumn } from '@astrolabel/spectra'
import { readTableFile, tableReader } from '@astrolabel/surveys'
import { readCatalog, readSurvey } from '@astrolabel/surveys/node'
import { File as Hdf5File, ready } from 'h5wasm/node'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytesSource } from '@astrolabel/io-fits'
import { loadEngine } from '../src/hdf5/hdf5-engine.ts'
import { collect, memoryFile, rejection, warnings } from './memory-source.js'

let folder = ''
beforeAll(async () => {
  await ready
  folder = await mkdtemp(join(tmpdir(), 'tables-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** An HDF5 file on disk. */
function hdf5(name: string, write: (file: Hdf5File) => void): string {
  const path = join(folder, name)
  const file = new Hdf5File(path, 'w')
  write(file)
  file.close()
  return path
}

const spectraFile = (name: string): string =>
  hdf5(name, (file) => {
    file.create_dataset({ name: 'wavelength', data: Float64Array.of(5000, 5001, 5002) })
    file.create_dataset({ name: 'flux', data: Float32Array.of(1, 2, 3, 4, -9999, 6), shape: [2, 3] })
    file.create_dataset({ name: 'ivar', data: Float32Array.of(4, 4, 0, 1, 1, 1), shape: [2, 3] })
    file.create_dataset({ name: 'star_id', data: ['a', 'b'] })
    file.create_group('catalogue').create_dataset({ name: 'TEFF', data: Float64Array.of(5000, -9999) })
    file.create_dataset({ name: 'TARGETID', data: BigInt64Array.of(9007199254740993n, 5n) })
  })

test('HDF5 spectra: arrays as in .npz, from disk by rows and from bytes', async () => {
  const path = spectraFile('spectra.h5')
  const batches = await collect(readSurvey('table', [path], { batchRows: 1 }))
  expect(batches.map(({ starId }) => starId)).toEqual([['a'], ['b']])
  expect([...batches[1]!.flux, ...batches[1]!.ivar]).toEqual([4, 0, 6, 1, 0, 1])
  expect(batches[0]!.meta).toMatchObject({ survey: 'table', noise: 'measured', wavelength: { start: 5000, step: 1 } })
  expect([...columnNumbers(requireColumn(batches[0]!.catalog, 'teff'))]).toEqual([5000])
  const [memory] = await collect(tableReader.read([memoryFile('x.h5', new Uint8Array(readFileSync(path)))], {}))
  expect([...memory!.flux]).toEqual([1, 2, 0, 4, 0, 6])
  expect(columnStrings(requireColumn(memory!.catalog, 'TARGETID'))).toEqual(['9007199254740993', '5'])
})

test('HDF5 tables: compound as astropy and PyTables write them, with units; groups of columns; frames of pandas', async () => {
  const compound = hdf5('compound.h5', (file) => {
    file.create_dataset({
      name: 'stars',
      shape: [2],
      dtype: [
        ['source_id', '<q'],
        ['teff', '<d'],
        ['name', 'S4'],
      ],
      data: new Map<string, unknown>([
        ['source_id', BigInt64Array.of(9007199254740993n, 5n)],
        ['teff', [5000, -9999]],
        ['name', ['ab', 'cd']],
      ]),
    })
    const header = ['datatype:', '- {name: teff, unit: kilokelvin, datatype: float64}']
    file.create_dataset({ name: 'stars.__table_column_meta__', data: header, dtype: 'S80' })
  })
  const table = await readCatalog(compound)
  expect(columnStrings(requireColumn(table, 'source_id'))).toEqual(['9007199254740993', '5'])
  expect(requireColumn(table, 'teff')).toMatchObject({ unit: 'kilokelvin', valid: Uint8Array.of(1, 0) })
  expect(requireColumn(table, 'name').values).toEqual(['ab', 'cd'])

  const group = hdf5('group.h5', (file) => {
    const stars = file.create_group('stars')
    stars.create_dataset({ name: 'rv', data: Float32Array.of(1, 2, 3) }).create_attribute('units', 'km/s')
    stars.create_dataset({ name: 'lines', data: Int16Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] })
    file.create_dataset({ name: 'version', data: Int32Array.of(3) })
  })
  const columns = await readCatalog(group)
  expect([...columns.columns.keys()].sort()).toEqual(['lines', 'v_rad'])
  expect(requireColumn(columns, 'v_rad').unit).toBe('km/s')
  expect(requireColumn(columns, 'lines').width).toBe(2)

  const frame = hdf5('frame.h5', (file) => {
    const df = file.create_group('df')
    df.create_dataset({ name: 'axis0', data: ['teff', 'n', 'logg'], dtype: 'S4' })
    df.create_dataset({ name: 'axis1', data: BigInt64Array.of(0n, 1n) })
    df.create_dataset({ name: 'block0_items', data: ['teff', 'logg'], dtype: 'S4' })
    df.create_dataset({ name: 'block0_values', data: Float64Array.of(5000, 4, 6000, 4.5), shape: [2, 2] })
    df.create_dataset({ name: 'block1_items', data: ['n'], dtype: 'S1' })
    df.create_dataset({ name: 'block1_values', data: BigInt64Array.of(7n, 8n), shape: [2, 1] })
  })
  const pandas = await readCatalog(frame)
  expect([...columnNumbers(requireColumn(pandas, 'logg'))]).toEqual([4, 4.5])
  expect(columnStrings(requireColumn(pandas, 'n'))).toEqual(['7', '8'])
})

test('HDF5 that is damaged or holds no table says so', async () => {
  const whole = new Uint8Array(readFileSync(spectraFile('whole.h5')))
  const cut = memoryFile('cut.h5', whole.slice(0, 600))
  expect(await rejection(collect(tableReader.read([cut], {})))).toMatchObject({ code: 'hdf5/unreadable' })
  const empty = hdf5('empty.h5', (file) => void file.create_group('nothing'))
  expect(await rejection(readCatalog(empty))).toMatchObject({ code: 'hdf5/no-table' })
  expect(await rejection(collect(readSurvey('table', [empty])))).toMatchObject({ code: 'surveys/no-array' })
})

test('without its engine HDF5 says how to install it', async () => {
  const error = await rejection(loadEngine(() => Promise.reject(new Error("Cannot find package 'h5wasm'"))))
  expect(error).toMatchObject({ code: 'hdf5/not-installed' })
  expect(error.message).toMatch(/Cannot find package 'h5wasm'.*npm install h5wasm/)
})

/** Bytes of a Parquet file: two stars, a vector a star. */
function parquet(codec: 'SNAPPY' | 'UNCOMPRESSED' = 'SNAPPY'): Uint8Array {
  return new Uint8Array(
    parquetWriteBuffer({
      codec,
      schema: [
        { name: 'root', num_children: 4 },
        { name: 'id', type: 'INT64', repetition_type: 'OPTIONAL' },
        { name: 'TEFF', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
        ...['flux', 'wave'].flatMap((name) => [
          { name, repetition_type: 'OPTIONAL' as const, converted_type: 'LIST' as const, num_children: 1 },
          { name: 'list', repetition_type: 'REPEATED' as const, num_children: 1 },
          { name: 'element', type: 'FLOAT' as const, repetition_type: 'REQUIRED' as const },
        ]),
      ],
      columnData: [
        { name: 'id', data: [9007199254740993n, 5n] },
        { name: 'TEFF', data: [5000, null] },
        {
          name: 'flux',
          data: [
            [1, 2, 3],
            [4, 5, 6],
          ],
        },
        {
          name: 'wave',
          data: [
            [5000, 5001, 5002],
            [5000, 5001, 5002],
          ],
        },
      ],
    }),
  )
}

test('Parquet: catalogues and spectra, from disk and from bytes', async () => {
  const path = join(folder, 'x.parquet')
  await writeFile(path, parquet())
  const catalog = await readCatalog(path, { columns: ['teff'] })
  expect(columnStrings(requireColumn(catalog, 'id'))).toEqual(['9007199254740993', '5'])
  expect(requireColumn(catalog, 'teff')).toMatchObject({ unit: 'K', valid: Uint8Array.of(1, 0) })
  const [spectra] = await collect(readSurvey('table', [path]))
  expect(spectra!.starId).toEqual(['9007199254740993', '5'])
  expect([...spectra!.flux]).toEqual([1, 2, 3, 4, 5, 6])
  expect(spectra!.meta.wavelength).toMatchObject({ kind: 'linear', start: 5000, step: 1, length: 3 })
  const table = await readTableFile(bytesSource(parquet('UNCOMPRESSED')), 'x.parquet')
  expect([...table.columns.keys()]).toEqual(['id', 'TEFF', 'flux', 'wave'])
  const error = await rejection(readTableFile(bytesSource(parquet().slice(0, 80)), 'x.parquet'))
  expect(error).toMatchObject({ code: 'parquet/unreadable' })
})

test('ECSV and VOTable: catalogues, packed too, and spectra with a row a pixel or a star', async () => {
  const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}`, import.meta.url))
  for (const [name, from] of [
    ['t.ecsv', 'types.ecsv'],
    ['t.ecsv.gz', 'types.ecsv'],
    ['t.xml', 'types-binary.vot'],
    ['t.vot.gz', 'types-tabledata.vot'],
  ] as const) {
    const path = join(folder, name)
    await writeFile(path, name.endsWith('.gz') ? gzipSync(golden(from)) : golden(from))
    expect(columnStrings(requireColumn(await readCatalog(path, warnings()), 'id'))[0]).toBe('9007199254740993')
  }
  const pixels =
    '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: wave, unit: Angstrom, datatype: float64}\n# - {name: flux, datatype: float32}\nwave flux\n5000 1\n5001 nan\n'
  const [star] = await collect(tableReader.read([memoryFile('HD1.ecsv', new TextEncoder().encode(pixels))], {}))
  expect([star!.starId, [...star!.ivar]]).toEqual([['HD1'], [1, 0]])
  const stars =
    '<VOTABLE><RESOURCE><TABLE><FIELD name="id" datatype="long"/><FIELD name="flux" datatype="float" arraysize="2"/><FIELD name="wave" datatype="double" arraysize="2"/><DATA><TABLEDATA>' +
    '<TR><TD>9007199254740993</TD><TD>1 2</TD><TD>5000 5001</TD></TR><TR><TD>4</TD><TD>3 4</TD><TD>5000 5001</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>'
  const [both] = await collect(tableReader.read([memoryFile('x.vot', new TextEncoder().encode(stars))], {}))
  expect([both!.starId, [...both!.flux]]).toEqual([
    ['9007199254740993', '4'],
    [1, 2, 3, 4],
  ])
})

test('LAMOST catalogues: -9999 is missing, names of the pipeline become canonical', async () => {
  const path = join(folder, 'dr7_v2.0_LRS_stellar.csv')
  await writeFile(
    path,
    'obsid|designation|ra|dec|teff|teff_err|logg|feh|rv|rv_err\n101001|J0|1|2|5777.5|25.1|4.4|0.02|-9999|-9999\n',
  )
  const lrs = await readCatalog(path)
  expect([...lrs.columns.keys()]).toEqual([
    'obsid',
    'designation',
    'ra',
    'dec',
    'teff',
    'teff_err',
    'logg',
    'fe_h',
    'v_rad',
    'v_rad_err',
  ])
  expect(requireColumn(lrs, 'v_rad').valid).toEqual(Uint8Array.of(0))
  const mrs = join(folder, 'mrs.csv')
  await writeFile(mrs, 'obsid|teff_lasp|teff_lasp_err|feh_lasp|rv_lasp\n101001|5000|20|-0.5|12\n')
  expect([...(await readCatalog(mrs)).columns.keys()]).toEqual(['obsid', 'teff', 'teff_err', 'fe_h', 'v_rad'])
})

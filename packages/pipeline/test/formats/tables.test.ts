import { execFileSync } from 'node:child_process'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Column, Labels, Table } from '@astrolabel/spectra'
import { concatTables, labelInfo, makeLabels, makeTable } from '@astrolabel/spectra'
import { readLabelsFile } from '@astrolabel/spectra/node'
import fc from 'fast-check'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { convertFile } from '../../src/formats/convert.ts'
import { readTable } from '../../src/formats/read-table.ts'
import { sliceTable } from '../../src/formats/table-parts.ts'
import { writeLabels, writeTable } from '../../src/formats/write-table.ts'
import { PYTHON, cells, everyType, plainTable, scratchFolder, yieldAll } from './sample.ts'

const file = scratchFolder()
const raw = { canonical: false }

/** What a format is known to lose. */
function without(table: Table, format: string): Table {
  const change = (column: Column): Column => {
    const { unit: _, valid, ...rest } = column
    if (format === 'npz') return valid === undefined ? rest : { ...rest, valid }
    return format === 'fits' && column.name === 'text' ? rest : column
  }
  return { n: table.n, columns: new Map([...table.columns].map(([name, column]) => [name, change(column)])) }
}

describe.each(['arrow', 'parquet', 'npz', 'fits', 'fits.gz'])('.%s', (format) => {
  const table = everyType(format.startsWith('fits'))

  test('a table of every type reads back the same, 64-bit integers and missing values too', async () => {
    const path = file(`every.${format}`)
    expect(await writeTable(path, table)).toBe(4)
    expect(plainTable(await readTable(path, raw))).toEqual(plainTable(without(table, format.replace('.gz', ''))))
  })

  test('parts one after another are one table, wherever missing values begin', async () => {
    const path = file(`parts.${format}`)
    const parts = [sliceTable(table, 0, 1), sliceTable(table, 1, 3), sliceTable(table, 3, 4)].map((part) => ({
      n: part.n,
      columns: new Map([...part.columns].map(([name, column]) => [name, tidy(column)])),
    }))
    expect(await writeTable(path, yieldAll(parts))).toBe(4)
    expect(plainTable(await readTable(path, raw))).toEqual(
      plainTable(without(concatTables(parts), format.replace('.gz', ''))),
    )
  })

  test('a table without rows keeps its columns', async () => {
    const path = file(`none.${format}`)
    expect(await writeTable(path, sliceTable(table, 0, 0))).toBe(0)
    const back = await readTable(path, raw)
    expect(back.n).toBe(0)
    // How long the lists of a Parquet file are only its rows tell.
    expect([...back.columns.keys()]).toEqual(
      [...table.columns.keys()].filter((name) => format !== 'parquet' || name !== 'vector'),
    )
  })

  test('a source that fails leaves the old file and nothing beside it', async () => {
    const path = file(`fail-${format}/table.${format}`)
    await writeTable(path, table)
    const before = readFileSync(path)
    await expect(writeTable(path, yieldAll([table], new Error('source broke')))).rejects.toThrow('source broke')
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(dirname(path))).toEqual([`table.${format}`])
  })
})

/** A part of a table that has no mask where nothing is missing. */
function tidy(column: Column): Column {
  const { valid, ...rest } = column
  return valid === undefined || !valid.includes(0) ? rest : column
}

describe('.csv', () => {
  test('numbers read back the same, strings and missing values too; types become what text can tell', async () => {
    const path = file('every.csv')
    const table = everyType()
    await writeTable(path, table)
    const back = await readTable(path, raw)
    for (const column of table.columns.values()) {
      if (column.width !== undefined) continue
      const read = back.columns.get(column.name)!
      const expected = cells(column)
      const likeBefore = (value: unknown): unknown => {
        if (typeof value !== 'number') return value
        return column.values instanceof Float32Array
          ? Math.fround(value)
          : typeof expected[0] === 'string'
            ? String(value)
            : value
      }
      expect(cells(read).map(likeBefore), column.name).toEqual(expected)
    }
    expect([...back.columns.keys()].filter((name) => name.startsWith('vector'))).toEqual([
      'vector_0',
      'vector_1',
      'vector_2',
    ])
    expect(back.columns.get('id')!.values).toEqual(everyType().columns.get('id')!.values)
  })

  test('is text as people write it', async () => {
    const path = file('plain.csv')
    await writeTable(
      path,
      makeTable([
        { name: 'id', values: BigInt64Array.of(39633320893744501n, 1n) },
        { name: 'f4', values: Float32Array.of(0.1, Number.NaN) },
        { name: 'text', values: ['a, "b"', 'α'] },
      ]),
    )
    expect(readFileSync(path, 'utf8')).toBe('id,f4,text\n39633320893744501,0.1,"a, ""b"""\n1,,α\n')
  })

  test('streams: parts have one header, and other columns are refused', async () => {
    const path = file('stream.csv')
    const part = (from: number): Table => makeTable([{ name: 'x', values: Float64Array.of(from, from + 0.5) }])
    expect(await writeTable(path, yieldAll([part(1), part(2)]))).toBe(4)
    expect(readFileSync(path, 'utf8')).toBe('x\n1\n1.5\n2\n2.5\n')
    const other = makeTable([{ name: 'y', values: Float64Array.of(1) }])
    await expect(writeTable(path, yieldAll([part(1), other]))).rejects.toMatchObject({ code: 'formats/columns-differ' })
    expect(readFileSync(path, 'utf8')).toBe('x\n1\n1.5\n2\n2.5\n')
  })

  test('any single-precision number reads back the same', async () => {
    const path = file('floats.csv')
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 }),
        async (values) => {
          await writeTable(path, makeTable([{ name: 'x', values: Float32Array.from(values) }]))
          const back = await readTable(path, raw)
          expect(Array.from(back.columns.get('x')!.values as Float64Array, Math.fround)).toEqual(
            Array.from(Float32Array.from(values), (value) => value + 0 || 0),
          )
        },
      ),
      { numRuns: 30 },
    )
  })
})

test('every pair of formats carries identifiers, missing values and text through convertFile', async () => {
  const table = makeTable([
    { name: 'id', values: BigInt64Array.of(9007199254740993n, 39633320893744501n) },
    { name: 'teff', values: Float64Array.of(5777.123456789, Number.NaN), valid: Uint8Array.of(1, 0) },
    { name: 'name', values: ['a, "b"', "Barnard's"] },
  ])
  const formats = ['arrow', 'parquet', 'csv', 'npz', 'fits']
  for (const from of formats) {
    for (const to of formats) {
      await writeTable(file(`pair.${from}`), table)
      expect(await convertFile(file(`pair.${from}`), file(`pair-out.${to}`))).toEqual({
        rows: 2,
        columns: 3,
        kind: 'table',
      })
      expect(plainTable(await readTable(file(`pair-out.${to}`), raw)), `${from} to ${to}`).toEqual(plainTable(table))
    }
  }
})

test('bytes of which every value is taken still have a missing one in FITS', async () => {
  const path = file('bytes.fits')
  const values = Uint8Array.from({ length: 257 }, (_, i) => i % 256)
  const valid = Uint8Array.from(values, (_, i) => (i === 256 ? 0 : 1))
  await writeTable(path, makeTable([{ name: 'b', values, valid }]))
  expect(cells((await readTable(path, raw)).columns.get('b')!)).toEqual([
    ...Array.from({ length: 256 }, (_, i) => i),
    null,
  ])
})

test('64-bit integers at either end have a missing one in FITS', async () => {
  const path = file('ends.fits')
  const table = makeTable([
    { name: 's', values: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n), valid: Uint8Array.of(1, 1, 0) },
    { name: 'u', values: BigUint64Array.of(0n, 2n ** 64n - 1n, 5n), valid: Uint8Array.of(1, 1, 0) },
    { name: 'w', values: Uint32Array.of(0, 2 ** 32 - 1, 5), valid: Uint8Array.of(1, 1, 0) },
  ])
  await writeTable(path, table)
  expect(plainTable(await readTable(path, raw))).toEqual(plainTable(table))
})

test('Parquet is what other readers take it for', async () => {
  const path = file('other.parquet')
  await writeTable(path, everyType())
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) })
  expect(rows[0]).toMatchObject({
    id: 9007199254740993n,
    mask: 18446744073709551615n,
    f8: 0.1,
    u4: 4294967295,
    truth: true,
    text: 'α Cen, "A"',
    code: '2M00005143+5615568',
  })
  expect(Array.from(rows[2]!['vector'] as number[])).toEqual([7, 8, 9])
  expect(
    [rows[1]!['mask'], rows[1]!['vector'], rows[1]!['f8'], rows[1]!['truth'], rows[1]!['text']].every(
      (value) => value === null || value === undefined,
    ),
  ).toBe(true)
})

test.skipIf(PYTHON === undefined)('FITS and archives are what astropy and numpy take them for', async () => {
  await writeTable(file('py.fits'), everyType(true))
  await writeTable(file('py.npz'), everyType())
  const script = `
import json, sys, numpy as np
from astropy.table import Table
t = Table.read(sys.argv[1], hdu=1)
z = np.load(sys.argv[2])
print(json.dumps({
  'id': [str(v) for v in t['id']], 'i4': [str(v) for v in t['i4']], 'f8unit': str(t['f8'].unit), 'f8': [None if not np.isfinite(v) else float(v) for v in t['f8'].filled(np.nan)],
  'truth': str(t['truth'].dtype), 'text': [str(v).rstrip() for v in t['code']], 'vector': t['vector'][2].tolist(),
  'nid': [str(v) for v in z['id']], 'ntext': z['text'].tolist(), 'missing': z['truth__missing'].tolist(), 'dtypes': [z[k].dtype.str for k in ('id', 'f4', 'u2', 'truth')], 'shape': list(z['vector'].shape)}))`
  const seen = JSON.parse(
    execFileSync(PYTHON!, ['-c', script, file('py.fits'), file('py.npz')], { encoding: 'utf8' }),
  ) as Record<string, unknown>
  expect(seen).toEqual({
    id: ['9007199254740993', '-9223372036854775807', '39633320893744501', '0'],
    i4: ['-2147483648', '--', '2147483647', '5'],
    f8unit: 'K',
    f8: [0.1, null, 1e-300, -5777.25],
    truth: 'bool',
    text: ['2M00005143+5615568', 'x y', "d'Arrest", '#1'],
    vector: [7, 8, 9],
    nid: ['9007199254740993', '-9223372036854775807', '39633320893744501', '0'],
    ntext: ['α Cen, "A"', '', '007', '星'],
    missing: [false, true, false, false],
    dtypes: ['<i8', '<f4', '<u2', '|b1'],
    shape: [4, 3],
  })
})

describe('labels', () => {
  const labels = (ids: readonly string[], flags: readonly number[]): Labels =>
    makeLabels({
      starId: ids,
      labels: [labelInfo('teff'), labelInfo('fe_h')],
      values: Float64Array.from(ids.flatMap((_, i) => [5777.5 + i, i === 1 ? Number.NaN : -0.1])),
      flags: Uint32Array.from(flags),
      flagBits: [{ bit: 0, name: 'NO_FIT' }],
      covariance: new Float64Array(ids.length * 4),
      extra: makeTable([{ name: 'chi2_reduced', values: Float64Array.from(ids, () => 1.25) }], ids.length),
    })
  const batches = [labels(['a', 'b'], [0, 1]), labels(['c'], [0])]

  test('CSV begins with star_id and has no covariance', async () => {
    expect(await writeLabels(file('labels.csv'), yieldAll(batches))).toBe(3)
    expect(readFileSync(file('labels.csv'), 'utf8')).toBe(
      'star_id,teff,teff_err,fe_h,fe_h_err,flags,flag_names,chi2_reduced\n' +
        'a,5777.5,,-0.1,,0,"",1.25\nb,5778.5,,,,1,NO_FIT,1.25\nc,5777.5,,-0.1,,0,"",1.25\n',
    )
  })

  test('Arrow reads back as labels, and converts to every table with the same numbers', async () => {
    const arrow = file('labels.arrow')
    expect(await writeLabels(arrow, yieldAll(batches))).toBe(3)
    const [first, second] = await readLabelsFile(arrow)
    expect(first!.values).toEqual(batches[0]!.values)
    expect(second!.covariance).toEqual(batches[1]!.covariance)
    expect(first!.flagBits).toEqual([{ bit: 0, name: 'NO_FIT' }])
    for (const format of ['csv', 'parquet', 'fits']) {
      expect(await convertFile(arrow, file(`labels-out.${format}`))).toEqual({ rows: 3, columns: 7, kind: 'table' })
      const table = await readTable(file(`labels-out.${format}`))
      expect([...table.columns.keys()]).toEqual([
        'star_id',
        'teff',
        'teff_err',
        'fe_h',
        'fe_h_err',
        'flags',
        'flag_names',
        'chi2_reduced',
      ])
      expect(cells(table.columns.get('fe_h')!)).toEqual([-0.1, null, -0.1])
    }
  })
})

describe('reading', () => {
  test('gives labels canonical names and clears what stands for nothing, unless told not to', async () => {
    writeFileSync(file('catalog.csv'), 'APOGEE_ID,TEFF,TEFF_ERR,LOGG\n2M1,5000,30,-9999\n')
    const table = await readTable(file('catalog.csv'))
    expect([...table.columns.keys()]).toEqual(['APOGEE_ID', 'teff', 'teff_err', 'logg'])
    expect(cells(table.columns.get('logg')!)).toEqual([null])
    expect(table.columns.get('teff')!.unit).toBe('K')
    expect([...(await readTable(file('catalog.csv'), raw)).columns.keys()]).toEqual([
      'APOGEE_ID',
      'TEFF',
      'TEFF_ERR',
      'LOGG',
    ])
  })

  test('gives the columns asked for, by any of their names, in every format', async () => {
    const table = makeTable([
      { name: 'TEFF', values: Float64Array.of(5000) },
      { name: 'x', values: Float64Array.of(1) },
      { name: 'Id', values: ['a'] },
    ])
    for (const format of ['arrow', 'parquet', 'csv', 'npz', 'fits']) {
      const path = file(`named.${format}`)
      await writeTable(path, table)
      expect([...(await readTable(path, { columns: ['id', 'teff'] })).columns.keys()], format).toEqual(['Id', 'teff'])
      await expect(readTable(path, { columns: ['nope'] }), format).rejects.toMatchObject({
        code: 'formats/no-column',
        message: expect.stringMatching(/one of teff, x, Id/i) as string,
      })
    }
  })

  test.each([
    ['nothing.fits', 'formats/no-file', /There is no file .*nothing\.fits.*Looked for \//],
    [
      'thing.xyz',
      'formats/unknown',
      /\.fits, \.fit \(also packed: \.gz, \.fz, \.bz2, \.Z, \.zip\), \.arrow, \.parquet, \.csv/,
    ],
    ['empty.csv', 'formats/empty', /is empty: got 0 bytes/],
    ['.', 'formats/folder', /is a folder: expected a file/],
  ])('%s: %s', async (name, code, message) => {
    writeFileSync(file('empty.csv'), '')
    writeFileSync(file('thing.xyz'), 'something')
    const error = await readTable(file(name)).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string })
  })

  test('what is not what its name says is refused in words', async () => {
    for (const [name, code] of [
      ['bad.parquet', 'parquet/unreadable'],
      ['bad.arrow', 'arrow/unreadable'],
      ['bad.npz', 'npz/not-zip'],
      ['bad.fits', 'fits/not-fits'],
    ] as const) {
      writeFileSync(file(name), 'this is a text that stands in the wrong file')
      await expect(readTable(file(name)), name).rejects.toMatchObject({ code })
    }
    await writeTable(file('cut.parquet'), everyType())
    writeFileSync(file('cut.parquet'), readFileSync(file('cut.parquet')).subarray(0, 400))
    await expect(readTable(file('cut.parquet'))).rejects.toMatchObject({ code: 'parquet/unreadable' })
  })

  test('a signal that was aborted stops before anything is written', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    for (const format of ['arrow', 'parquet', 'csv', 'fits'])
      await expect(writeTable(file(`stopped.${format}`), everyType(true), { signal }), format).rejects.toThrow('enough')
    expect(readdirSync(dirname(file('x'))).filter((name) => name.includes('stopped'))).toEqual([])
  })

  test('strings that FITS cannot hold are refused by the column', async () => {
    await expect(writeTable(file('greek.fits'), everyType())).rejects.toMatchObject({
      code: 'fits/bad-input',
      message: expect.stringContaining('"text"') as string,
    })
    expect(readdirSync(dirname(file('x'))).filter((name) => name.includes('greek'))).toEqual([])
  })

  test('an extension that is not written is refused before anything is read', async () => {
    await expect(writeTable(file('out.xlsx'), everyType())).rejects.toMatchObject({
      code: 'formats/unknown',
      message: expect.stringContaining('.arrow, .parquet, .csv, .npz, .fits') as string,
    })
  })
})

import { columnStrings, requireColumn } from '@astrolabel/spectra'
import { inspectPath, readTable } from '@astrolabel/pipeline'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreign-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const put = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('VOTable: a catalogue by canonical names, and what is in it', async () => {
  const path = put(
    'x.vot',
    '<VOTABLE><RESOURCE><TABLE><FIELD name="source_id" datatype="long"/><FIELD name="TEFF" datatype="float" unit="K"/><DATA><TABLEDATA>' +
      '<TR><TD>9007199254740993</TD><TD>5000</TD></TR><TR><TD>5</TD><TD>-9999</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>',
  )
  const table = await readTable(path)
  expect(columnStrings(requireColumn(table, 'source_id'))).toEqual(['9007199254740993', '5'])
  expect(requireColumn(table, 'teff').valid).toEqual(Uint8Array.of(1, 0))
  expect([...(await readTable(path, { columns: ['teff'] })).columns.keys()]).toEqual(['teff'])
  expect(await inspectPath(path)).toMatchObject({ format: 'votable', kind: 'table', rows: 2 })
})

test('ECSV: types and units of its header', async () => {
  const path = put(
    'x.ecsv',
    '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: TARGETID, datatype: int64}\n# - {name: VRAD, unit: m / s, datatype: float32}\nTARGETID VRAD\n39633345008634465 1.5\n7 ""\n',
  )
  const table = await readTable(path)
  expect(requireColumn(table, 'TARGETID').values).toEqual(BigInt64Array.of(39633345008634465n, 7n))
  expect(requireColumn(table, 'v_rad')).toMatchObject({ unit: 'm / s', valid: Uint8Array.of(1, 0) })
})

test('HDF5 and VOTable that are none say so', async () => {
  await expect(readTable(put('x.h5', 'this is a text'))).rejects.toMatchObject({ code: 'hdf5/unreadable' })
  await expect(readTable(put('y.vot', 'this is a text'))).rejects.toMatchObject({ code: 'surveys/votable' })
})

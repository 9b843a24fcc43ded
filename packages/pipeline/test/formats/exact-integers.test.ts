import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatInspection, inspectPath } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'

test('identifiers beyond 2^53 are told to the last digit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'integers-'))
  try {
    const path = join(folder, 'ids.ecsv')
    const head = '# %ECSV 1.0\n# ---\n# datatype:\n# - {name: source_id, datatype: int64}\n# schema: astropy-2.0\n'
    writeFileSync(path, `${head}source_id\n1152921504606846977\n2\n`)
    const inspection = await inspectPath(path)
    expect(JSON.parse(JSON.stringify(inspection))).toMatchObject({
      columns: [{ name: 'source_id', dtype: 'i8', min: 2, max: '1152921504606846977' }],
    })
    expect(formatInspection(inspection)).toContain('1152921504606846977')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

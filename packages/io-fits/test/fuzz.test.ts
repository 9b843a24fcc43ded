import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../scripts/fuzz.mjs', import.meta.url))

test(
  '2000 damaged files give values or a FitsError, within a second of computing and 200 MB each',
  {
    timeout: 300_000,
  },
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, [SCRIPT, '--count', '2000'], { encoding: 'utf8' })
    expect(stderr).toBe('')
    expect(stdout).toMatch(
      /^2000 damaged files out of \d+ whole ones: \d{3,} read, \d{3,} refused with a FitsError, 0 failed\n$/,
    )
  },
)

// Before the tests: says what they would use and is not here, so that a skipped test is no riddle.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './workspace.mjs'

const PYTHON = '/usr/bin/python3'

export function setup() {
  const absent = []
  if (!existsSync(join(dirname(root), 'shared', 'data'))) absent.push('../shared/data (real survey files)')
  const modules = ['astropy', 'numpy', 'fitsio'].filter((name) => !canImport(name))
  if (modules.length > 0) absent.push(`Debian's ${modules.map((name) => `python3-${name}`).join(', ')} (oracles)`)
  if (!isProgram('funpack')) absent.push("Debian's libcfitsio-bin (oracle of compression)")
  if (!existsSync(process.env.CHROMIUM_PATH ?? '/usr/bin/chromium')) absent.push("Debian's chromium (browser check)")
  if (absent.length > 0)
    console.log(`Tests that need these are skipped, or ask fewer oracles, as they are not here: ${absent.join('; ')}`)
}

function canImport(name) {
  try {
    execFileSync(PYTHON, ['-c', `import ${name}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function isProgram(name) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)))
}

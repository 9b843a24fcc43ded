// `pnpm check`: everything but lint and the tests that must hold before a release, one line a check, exit 1 on any failure.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from './build.mjs'
import { root, workspacePackages } from './workspace.mjs'

/** Checks at a time. */
const PARALLEL = 2

const scratch = mkdtempSync(join(tmpdir(), 'astrolabel-check-'))
const publicPackages = workspacePackages().filter(({ manifest }) => !manifest.private)
const results = []

try {
  await report('build', async () => (build() ? { passed: true } : { passed: false, output: 'see above' }))
  await runAll([
    ['types of tests', () => tool('tsc', ['-p', 'tooling/tsconfig/tests.json'])],
    ['architecture', () => tool('vitest', ['run', 'tooling/architecture'])],
    ['knip', () => tool('knip', [])],
    ...publicPackages.map((pack) => [`package ${pack.manifest.name}`, () => checkPackage(pack)]),
  ])
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

const failed = results.filter(({ passed }) => !passed)
console.log(`checks: ${results.length - failed.length} passed, ${failed.length} failed`)
process.exitCode = failed.length > 0 ? 1 : 0

async function runAll(checks) {
  const waiting = [...checks]
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await report(...next)
  }
  await Promise.all(Array.from({ length: PARALLEL }, worker))
}

async function report(name, check) {
  const start = performance.now()
  const { passed, output = '' } = await check()
  results.push({ name, passed })
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
  if (!passed) console.log(output.trimEnd().replace(/^/gm, '    '))
}

/** Packs as for the registry, then publint reads the tarball's manifest and attw its types. */
async function checkPackage({ folder, manifest }) {
  const target = join(scratch, manifest.name.replace('/', '-'))
  const packed = await run(...pnpm(['pack', '--pack-destination', target]), folder)
  if (!packed.passed) return packed
  const tarball = join(target, readdirSync(target)[0])
  const linted = await tool('publint', ['run', tarball, '--strict'])
  // A command line without exports has no types to resolve.
  if (!linted.passed || !manifest.exports) return linted
  return tool('attw', [tarball, '--profile', 'esm-only', '--no-emoji'])
}

function pnpm(args) {
  return process.env.npm_execpath?.includes('pnpm') ? ['pnpm', args] : ['npx', ['-y', 'pnpm@12', ...args]]
}

function tool(name, args) {
  return run(join(root, 'node_modules', '.bin', name), args, root)
}

function run(command, args, cwd) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1' },
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.on('error', (error) => resolve({ passed: false, output: error.message }))
    child.on('close', (code) => resolve({ passed: code === 0, output }))
  })
}

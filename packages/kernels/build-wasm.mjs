// Compiles assembly/*.ts to dist/kernels.wasm and embeds the bytes in src/generated/wasm-bytes.ts, so that the package
// works without a fetch or a file read. Skipped when the sources, this script and the compiler are those of last time.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const compilerManifest = createRequire(import.meta.url).resolve('assemblyscript/package.json')
const wasmPath = join(root, 'dist', 'kernels.wasm')
const generatedPath = join(root, 'src', 'generated', 'wasm-bytes.ts')

const flags = ['--enable', 'simd', '-O3', '--noAssert', '--runtime', 'stub', '--initialMemory', '1']

function sourceHash() {
  const hash = createHash('sha256')
    .update(readFileSync(compilerManifest))
    .update(readFileSync(fileURLToPath(import.meta.url)))
  const folder = join(root, 'assembly')
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

const stamp = `// sources ${sourceHash()}`
const current = existsSync(generatedPath) ? readFileSync(generatedPath, 'utf8') : ''

if (!existsSync(wasmPath) || !current.startsWith(stamp)) {
  mkdirSync(dirname(wasmPath), { recursive: true })
  mkdirSync(dirname(generatedPath), { recursive: true })
  const { bin } = JSON.parse(readFileSync(compilerManifest, 'utf8'))
  const compiler = join(dirname(compilerManifest), bin.asc)
  const run = spawnSync(process.execPath, [compiler, 'assembly/index.ts', '-o', wasmPath, ...flags], {
    cwd: root,
    stdio: 'inherit',
  })
  if (run.status !== 0) process.exit(run.status ?? 1)
  const bytes = readFileSync(wasmPath)
  const source = `${stamp}\n/** The compiled kernels, base64. */\nexport const wasmBase64: string =\n  '${bytes.toString('base64')}'\n`
  if (source !== current) writeFileSync(generatedPath, source)
}

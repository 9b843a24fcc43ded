// The Python rivals of ../shared/peers, run on the very input files that a bench reads, one thread each unless asked for more.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { root } from './workspace.mjs'

const PYTHON = '/usr/bin/python3'
const SCRIPTS = join(dirname(root), 'shared', 'peers')
// The scripts write their inputs beside themselves, and their own folder may be read-only.
const FOLDER = process.env.ASTROLABEL_PEERS ?? join(tmpdir(), 'astrolabel-peers')
const TYPES = { '<f4': Float32Array, '<f8': Float64Array, '|u1': Uint8Array }

function python(args, threads = 1) {
  return execFileSync(PYTHON, args, {
    cwd: FOLDER,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, PEER_THREADS: `${threads}` },
  })
}

/** What a bench needs of the peers. */
export const peers = {
  /**
   * Makes the inputs of one case of a generator script, once.
   *
   * @param probe A file in `data` that is there when they are made.
   * @returns false where Python, its packages or the scripts are missing.
   */
  generate(script, kind, probe) {
    if (existsSync(join(FOLDER, 'data', probe))) return true
    try {
      mkdirSync(FOLDER, { recursive: true })
      cpSync(SCRIPTS, FOLDER, { recursive: true, filter: (path) => path === SCRIPTS || path.endsWith('.py') })
      python([script, kind])
      return true
    } catch {
      return false
    }
  },

  /** Where an input lies. */
  inputPath(...parts) {
    return join(FOLDER, 'data', ...parts)
  },

  /** A peer's report of one case; null where it cannot run. */
  run(script, name, threads = 1) {
    try {
      return JSON.parse(python([script, name], threads).trim().split('\n').at(-1))
    } catch {
      return null
    }
  },

  /** An array out of `data` (inputs) or `out` (a peer's results), flat. */
  readNpy(folder, name) {
    const bytes = readFileSync(join(FOLDER, folder, `${name}.npy`))
    const start = 10 + bytes.readUInt16LE(8)
    const Type = TYPES[/'descr': '([^']+)'/.exec(bytes.toString('latin1', 10, start))[1]]
    return new Type(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + bytes.length))
  },
}

/** The fastest of several runs, in seconds, and its result. */
export function bestSeconds(run, repeats) {
  let best = Infinity
  let result
  for (let i = 0; i < repeats; i++) {
    const start = performance.now()
    result = run()
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  return { best, result }
}

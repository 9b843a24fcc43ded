// Ingest of apStar files, from the files to one Arrow file, against fitsio that only reads them; and its memory, which
// has to stay below 400 MB however many files there are. The files are links to those of the peers.
import { execFileSync } from 'node:child_process'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const PYTHON = '/usr/bin/python3'
const PEER = fileURLToPath(new URL('read_apstar.py', import.meta.url))
const CHILD = fileURLToPath(new URL('ingest-child.mjs', import.meta.url))
const PEERS = process.env.ASTROLABEL_PEERS ?? join(tmpdir(), 'astrolabel-peers')

export function rows({ peers }) {
  if (!peers.generate('gen_fits.py', 'apstar', 'apstar')) return []
  // Links do not go from one file system to another.
  const folder = mkdtempSync(join(PEERS, 'ingest-bench-'))
  try {
    return [
      row(folder, 500, 1, 5),
      row(folder, 500, 2, 5),
      row(folder, 2000, 1, 2),
      row(folder, 2000, 2, 2),
      row(folder, 8000, 2, 1),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function row(folder, count, threads, repeats) {
  const files = linked(folder, count)
  const ours = JSON.parse(
    execFileSync(process.execPath, [CHILD, 'apogee', files, join(folder, 'out.arrow'), threads, repeats].map(String)),
  )
  if (ours.stars !== count) throw new Error(`${ours.stars} stars of ${count} files`)
  if (ours.peakMB >= 400) throw new Error(`peak memory of ${count} files is ${ours.peakMB} MB`)
  const peer = fitsio(files, repeats)
  return {
    name: `ingest of ${count} apStar, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    ours_s: ours.seconds,
    peer: 'fitsio, reading only',
    peer_s: peer,
    detail: `peak ${ours.peakMB} MB, ${Math.round(count / ours.seconds)} files/s`,
  }
}

function linked(folder, count) {
  const out = join(folder, String(count))
  if (existsSync(out)) return out
  mkdirSync(out)
  const from = join(PEERS, 'data', 'apstar')
  const names = readdirSync(from).sort()
  for (let i = 0; i < count; i++)
    linkSync(join(from, names[i % names.length]), join(out, `apStar-r8-${String(i).padStart(6, '0')}.fits`))
  return out
}

function fitsio(folder, repeats) {
  try {
    const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
    return JSON.parse(execFileSync(PYTHON, [PEER, folder, String(repeats)], options)).seconds
  } catch {
    return null
  }
}

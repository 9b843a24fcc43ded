// `pnpm bench [pattern] [--json]`: runs packages/*/bench/*.bench.mjs. Each exports `rows({ peers, bestSeconds })`, which
// gives [{name, ours_s, peer, peer_s, detail}]: seconds of ours and of a peer measured in the same run, peer_s null where the
// peer is not installed. The ratio added here is ours_s / peer_s: below 1 we are faster. A pattern picks files or rows by name.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from './build.mjs'
import { bestSeconds, peers } from './python-peers.mjs'
import { alignColumns, root, workspacePackages } from './workspace.mjs'

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const pattern = (positionals[0] ?? '').toLowerCase()

if (!build()) process.exit(1)
const { rows, failures } = await measure(benchFiles())
const report = {
  date: new Date().toISOString(),
  machine: { cpu: os.cpus()[0]?.model ?? 'unknown', cores: os.cpus().length, node: process.version },
  rows,
}
const folder = join(root, 'bench-results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, `${report.date.replaceAll(':', '-')}.json`), `${JSON.stringify(report, null, 2)}\n`)

if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`)
else printTable(rows)
if (rows.length === 0 && failures === 0) console.error(`no bench matches '${pattern}'`)
process.exitCode = failures > 0 || rows.length === 0 ? 1 : 0

function benchFiles() {
  return workspacePackages().flatMap(({ folder: pack }) => {
    const bench = join(pack, 'bench')
    const names = existsSync(bench) ? readdirSync(bench).filter((name) => name.endsWith('.bench.mjs')) : []
    return names.sort().map((name) => join(bench, name))
  })
}

async function measure(files) {
  // What a bench prints is progress: stdout is for the result.
  const log = console.log
  console.log = console.error
  const kept = []
  let failed = 0
  for (const file of pickFiles(files)) {
    console.error(`running ${file.slice(root.length + 1)}`)
    try {
      const bench = await import(pathToFileURL(file).href)
      const measured = (await bench.rows({ peers, bestSeconds })).map(withRatio)
      kept.push(...(fileMatches(file) ? measured : measured.filter(({ name }) => matches(name))))
    } catch (error) {
      failed++
      console.error(error)
    }
  }
  console.log = log
  return { rows: kept, failures: failed }
}

function withRatio({ detail, ...row }) {
  return { ...row, ratio: row.peer_s === null ? null : row.ours_s / row.peer_s, detail }
}

// A file whose name does not match is run only when no name does: the pattern then means a row.
function pickFiles(files) {
  const named = files.filter(fileMatches)
  return named.length > 0 ? named : files
}

function fileMatches(file) {
  return matches(basename(file, '.bench.mjs')) || matches(basename(join(file, '..', '..')))
}

function matches(name) {
  return name.toLowerCase().includes(pattern)
}

function printTable(measured) {
  const cells = measured.map(({ name, ours_s, peer, peer_s, ratio, detail }) => [
    name,
    seconds(ours_s),
    seconds(peer_s),
    typeof ratio === 'number' ? `${ratio.toFixed(ratio < 0.1 ? 3 : 2)}×` : '–',
    [peer, detail].filter(Boolean).join('; '),
  ])
  const [header, ...lines] = alignColumns([['name', 'ours', 'peer', 'ratio'], ...cells.map((row) => row.slice(0, 4))])
  console.log(header)
  lines.forEach((line, i) => console.log(`${line}  ${cells[i][4]}`))
}

function seconds(value) {
  if (typeof value !== 'number') return '–'
  if (value >= 1) return `${value.toFixed(2)} s`
  return value >= 1e-3 ? `${(1e3 * value).toFixed(2)} ms` : `${(1e6 * value).toFixed(2)} µs`
}

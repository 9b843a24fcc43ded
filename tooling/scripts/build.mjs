// Builds the workspace with turbo. `node build.mjs [--filter=NAME]` shows what turbo says; the other scripts import
// `build`, which says nothing on stdout and shows turbo's output on stderr only when the build fails.
import { spawnSync } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './workspace.mjs'

/** Builds the packages that changed since the last build, and returns whether all of them built. */
export function build(args = [], stdio = 'pipe') {
  const turbo = ['run', 'build', '--output-logs=errors-only', ...args]
  const local = join(root, 'node_modules', 'turbo', 'bin', 'turbo')
  // Turbo asks the package manager for the workspace: outside `pnpm run` there may be none on the path.
  const [command, ...rest] = hasPnpm() ? [process.execPath, local] : ['npx', '-y', 'pnpm@12', 'exec', 'turbo']
  const run = spawnSync(command, [...rest, ...turbo], {
    cwd: root,
    stdio: ['ignore', stdio, stdio],
    encoding: 'utf8',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
  })
  const failed = run.status !== 0
  if (failed && stdio === 'pipe') process.stderr.write(`${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}\n`)
  return !failed
}

function hasPnpm() {
  return spawnSync('pnpm', ['--version'], { stdio: 'ignore' }).status === 0
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  process.exitCode = build(process.argv.slice(2), 'inherit') ? 0 : 1
}

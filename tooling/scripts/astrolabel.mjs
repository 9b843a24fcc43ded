// `pnpm astrolabel ARGS`: builds the command line if its sources changed and runs it here, in this process, so that exit
// code, signals, stdin and stdout are its own. Stdout carries nothing but what the command prints.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from './build.mjs'
import { root } from './workspace.mjs'

if (build(['--filter=astrolabel'])) {
  // pnpm runs scripts at the root of the workspace: paths are relative to where the user called it.
  process.chdir(process.env.INIT_CWD ?? process.cwd())
  const main = join(root, 'apps', 'cli', 'dist', 'main.js')
  process.argv[1] = main
  await import(pathToFileURL(main).href)
} else {
  process.exitCode = 1
}

import { fork, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url))

/** The committed small survey. */
export const TEST_DATA: string = fileURLToPath(new URL('../../../test-data/', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Run the built command as a user does; `watch` sees stderr as it comes, `begun` the start, and both can send signals. */
export function astrolabel(
  args: readonly string[],
  watch?: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void,
  begun?: (kill: (signal: NodeJS.Signals) => void) => void,
): Promise<Outcome> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    begun?.((signal) => child.kill(signal))
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
      watch?.(stderr, (signal) => child.kill(signal))
    })
    child.on('error', fail)
    child.on('close', (code) => done({ code, stdout, stderr }))
  })
}

interface WarmOutcome extends Outcome {
  readonly id: number
}

let warm: ChildProcess | undefined
let lastRun: Promise<unknown> = Promise.resolve()
let runs = 0

/**
 * Run the built command in a process that stays, one run after another: for tests of what commands do and say, many runs
 * of which need not load the program again. Of how a process starts, ends and takes signals it says nothing.
 */
export function astrolabelWarm(args: readonly string[]): Promise<Outcome> {
  const run = lastRun.then(() => runWarm(args))
  lastRun = run.catch(() => undefined)
  return run
}

function runWarm(args: readonly string[]): Promise<Outcome> {
  warm ??= fork(new URL('warm-command.mjs', import.meta.url), { execArgv: [] })
  const child = warm
  const id = runs++
  return new Promise((done, fail) => {
    const onEnd = (code: number | null): void => {
      warm = undefined
      fail(new Error(`astrolabel ${args.join(' ')} ended its process with ${code}`))
    }
    child.once('exit', onEnd)
    child.on('message', function onMessage(outcome: WarmOutcome) {
      if (outcome.id !== id) return
      child.off('message', onMessage).off('exit', onEnd)
      done({ code: outcome.code, stdout: outcome.stdout, stderr: outcome.stderr })
    })
    child.send({ id, args })
  })
}

afterAll(() => {
  warm?.kill()
  warm = undefined
})

/** Run with `--json` in the process that stays: exit code 0, and stdout is one JSON document on one line and nothing else. */
export async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  return parsed(await astrolabelWarm([...args, '--json']))
}

/** {@link json} in a process of its own. */
export async function jsonAlone<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  return parsed(await astrolabel([...args, '--json']))
}

function parsed<T>({ code, stdout, stderr }: Outcome): T {
  expect(stderr).not.toMatch(STACK)
  expect(code, stderr).toBe(0)
  expect(stdout.trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(stdout) as T
}

/** Lines of a stack trace. */
export const STACK: RegExp = /^\s+at .*(?:\.js|node:)/m

/** A folder of its own for a test file, gone afterwards. */
export function scratchFolder(): (...names: string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'astrolabel-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (...names) => join(folder, ...names)
}

/** Everything in a folder, folders included, by name. */
export function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort()
}

import { spawn } from 'node:child_process'
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

/** Run with `--json`: exit code 0, and stdout is one JSON document on one line and nothing else. */
export async function json<T = Record<string, unknown>>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await astrolabel([...args, '--json'])
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

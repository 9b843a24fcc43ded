import type { Reporter } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { TerminalReporter } from './terminal-reporter.js'

/** Options that every command takes. */
export interface CommonOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly seed: number
  readonly threads: number
}

/** What a command works with. */
export interface CommandContext {
  readonly reporter: Reporter
  readonly signal: AbortSignal
  /** Print the result: the object as JSON with `--json`, else the text. */
  readonly result: (value: unknown, text: string) => void
}

/** What `--threads` means to a command, and how many it takes unasked. */
export interface ThreadsOption {
  readonly help: string
  readonly usual: number
}

const FOLDS: ThreadsOption = {
  help: 'threads: for folds and for matching large catalogues, all else takes one',
  usual: 1,
}

/** Add the options that every command takes. */
export function withCommonOptions(command: Command, threads: ThreadsOption = FOLDS): Command {
  return command
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--quiet', 'no progress and no warnings')
    .option('--seed <n>', 'seed of everything random', wholeNumber, 1)
    .option('--threads <n>', threads.help, positiveNumber, threads.usual)
}

/**
 * Run a command's work with a reporter and a signal that Ctrl-C aborts; a second Ctrl-C ends the process at once.
 *
 * @param work Gets the command's own options.
 */
export async function inContext<Options extends CommonOptions>(
  options: Options,
  work: (context: CommandContext, options: Options) => Promise<void>,
): Promise<void> {
  const controller = new AbortController()
  const reporter = new TerminalReporter(options.quiet === true)
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(
      new Error('Interrupted: nothing is half-written, and a run goes on where it stopped when it is started again'),
    )
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  try {
    await work(
      {
        reporter,
        signal: controller.signal,
        result: (value, text) =>
          process.stdout.write(options.json === true ? `${JSON.stringify(value)}\n` : text === '' ? '' : `${text}\n`),
      },
      options,
    )
  } finally {
    reporter.close()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

/** A whole number from the command line. */
function wholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value)) throw new InvalidArgumentError('A whole number is needed.')
  return value
}

/** A whole number of at least 1 from the command line. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text)
  if (value < 1) throw new InvalidArgumentError('At least 1 is needed.')
  return value
}

/** A number above 0 from the command line. */
export function positiveReal(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('A number above 0 is needed.')
  return value
}

/** Names separated by commas. */
export function nameList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** Collects an option that may be given several times. */
export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value]
}

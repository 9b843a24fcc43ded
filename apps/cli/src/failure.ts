import { CommanderError } from 'commander'

/** How a command that did not work ends. */
export interface Failure {
  /** 1: it failed. 2: it was used wrongly. */
  readonly exitCode: 1 | 2
  readonly code: string
  readonly message: string
  readonly remedy?: string
}

/** Errors that say the command was used wrongly, rather than that the data are bad. */
const MISUSE = [
  'recipe/',
  'evaluate/bins',
  'metrics/edges',
  'metrics/bins',
  'metrics/knots',
  'metrics/no-column',
  'metrics/models',
  'surveys/unknown-survey',
  'model/unknown-kind',
  'formats/unknown',
  'fetch/option',
  'archive/',
  'preprocess/unknown-',
  'preprocess/option',
  'cannon/order',
  'cannon/transform',
  'cannon/scatter',
  'pipeline/parameter',
  'pipeline/step',
  'search/space',
  'search/halving',
  'classical/transform',
]

/** What to tell of any error: never a stack trace, unless ASTROLABEL_DEBUG asks for it. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return { exitCode: 2, code: 'cli/usage', message: error.message }
  if (!(error instanceof Error)) return { exitCode: 1, code: 'cli/unknown', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'cli/unknown'
  const trace = process.env['ASTROLABEL_DEBUG'] === undefined ? '' : `\n${error.stack ?? ''}`
  const system = systemMessage(code, error)
  const remedy = 'remedy' in error && typeof error.remedy === 'string' ? { remedy: error.remedy } : {}
  return {
    exitCode: MISUSE.some((prefix) => code.startsWith(prefix)) ? 2 : 1,
    code,
    message: (system ?? error.message) + trace,
    ...remedy,
  }
}

/** The operating system's usual answers in words. */
function systemMessage(code: string, error: Error): string | undefined {
  const path = 'path' in error && typeof error.path === 'string' ? error.path : undefined
  if (path === undefined) return undefined
  switch (code) {
    case 'ENOENT':
      return `${path} is not there`
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be read or written by this user`
    case 'EISDIR':
      return `${path} is a folder where a file is expected`
    case 'EEXIST':
      return `${path} is a file where a folder is expected`
    case 'ENOTDIR':
      return `${path} lies below something that is not a folder`
    case 'ENOSPC':
      return `The disk is full: ${path} could not be written`
    default:
      return undefined
  }
}

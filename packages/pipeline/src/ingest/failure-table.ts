import { makeTable } from '@astrolabel/spectra'
import { basename, extname } from 'node:path'
import { textTable } from '../formats/text-table.js'
import { writeTable } from '../formats/write-table.js'
import { writeAside } from '../run/write-aside.js'
import type { FileFailure } from './file-failure.js'

/** Failures shown to a person. */
const SHOWN = 20

/** Characters of a message that a line of the table has room for. */
const WIDTH = 90

/** The files that could not be read as a table for a person, and below it what to do about each kind. */
export function failureText(failures: readonly FileFailure[], files: number): string {
  const shown = failures.slice(0, SHOWN)
  const table = textTable(
    [{ title: 'file' }, { title: 'code' }, { title: 'what' }],
    shown.map((failure) => [basename(failure.file), failure.code, whatOf(failure)]),
  )
  const more = failures.length - shown.length
  const remedies = new Map(
    failures.flatMap(({ code, remedy }) => (remedy === undefined ? [] : [[`${code} ${remedy}`, `${code}: ${remedy}`]])),
  )
  return [
    `${failures.length} of ${files} files could not be read:`,
    table,
    ...(more > 0 ? [`… and ${more} more; --json and --failures FILE give all`] : []),
    ...[...remedies.values()].slice(0, SHOWN),
  ].join('\n')
}

/** The message without what other columns say. */
function whatOf({ file, message, remedy }: FileFailure): string {
  let what = message.replaceAll('\n', ' ')
  if (remedy !== undefined && what.endsWith(`. ${remedy}`)) what = what.slice(0, -remedy.length - 2)
  what = what.replaceAll(file, basename(file))
  if (what.startsWith(`${basename(file)}: `)) what = what.slice(basename(file).length + 2)
  return what.length <= WIDTH ? what : `${what.slice(0, WIDTH - 1)}…`
}

/**
 * Write the failures as JSON or a table of `file`, `code`, `message`, `remedy` in the format of the extension.
 *
 * @throws `formats/unknown`.
 */
export async function writeFailures(path: string, failures: readonly FileFailure[]): Promise<void> {
  if (extname(path).toLowerCase() === '.json') {
    await writeAside(path, `${JSON.stringify(failures, null, 2)}\n`)
    return
  }
  const column = (name: 'file' | 'code' | 'message' | 'remedy'): { name: string; values: string[] } => ({
    name,
    values: failures.map((failure) => failure[name] ?? ''),
  })
  await writeTable(path, makeTable([column('file'), column('code'), column('message'), column('remedy')]))
}

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Card, FitsArray, FitsColumn, FitsFile, HduChecksums } from '@astrolabel/io-fits'
import { plain } from './golden-files.js'

export const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('oracle/describe.py', import.meta.url))

interface OracleArray {
  dtype: string | null
  shape: number[]
  sha: string
  /** The first, the middle and the last value. */
  cells: (number | string)[]
}
type OracleCard = [string, unknown, string | null]
interface OracleColumn extends OracleArray {
  unit: string | null
  /** Values in each row of a column of variable-length arrays. */
  variable?: number[]
  /** Not described: astropy's answer has another form. */
  empty?: true
}
type OracleHdu = { name: string; cards: OracleCard[]; sums: HduChecksums } & (
  | { type: 'other' }
  | ({ type: 'image'; scaled?: boolean } & OracleArray)
  | { type: 'bintable' | 'ascii-table' | 'random-groups'; rows: number; columns: OracleColumn[] }
)
export type OracleFile = OracleHdu[] | { error: string }

/** Whether the oracle can be asked on this machine. */
export const hasAstropy: boolean = spawnSync(PYTHON, ['-c', 'import astropy.io.fits']).status === 0

/** What astropy reads from the files. */
export function askAstropy(paths: readonly string[]): Record<string, OracleFile> {
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT, ...paths], { maxBuffer: 1 << 28, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, OracleFile>
}

/** Where our reading of a file differs from astropy's, one line each. */
export async function differences(file: FitsFile, oracle: OracleFile): Promise<string[]> {
  if ('error' in oracle) return [`astropy failed: ${oracle.error}`]
  const found: string[] = []
  if (file.hdus.length !== oracle.length) found.push(`${file.hdus.length} HDUs, astropy ${oracle.length}`)
  for (const [i, theirs] of oracle.entries()) {
    const ours = file.hdus[i]
    if (ours === undefined) break
    const at = `HDU ${i}`
    // It was asked for the table that holds a compressed image or table.
    const { header } = ours
    const asTable = ('compression' in ours ? ours.compression?.tableHeader : undefined) ?? header
    found.push(...cardDifferences(at, asTable.cards, theirs.cards))
    const sums = await ours.verify()
    if (JSON.stringify(sums) !== JSON.stringify(theirs.sums)) {
      found.push(`${at}: ${JSON.stringify(sums)}, astropy ${JSON.stringify(theirs.sums)}`)
    }
    if (theirs.type === 'other') continue
    if (ours.type !== theirs.type) {
      found.push(`${at}: ${ours.type}, astropy ${theirs.type}`)
    } else if (ours.type === 'image' && theirs.type === 'image') {
      const image = await ours.read()
      const described = {
        dtype: image.data.length === 0 ? null : image.dtype,
        shape: image.shape,
        sha: hashArray(image.data),
        cells: someCells(image.data),
      }
      found.push(...arrayDifferences(at, described, theirs))
    } else if ('columns' in ours && 'columns' in theirs) {
      const table = await ours.read()
      if (table.rows !== theirs.rows) found.push(`${at}: ${table.rows} rows, astropy ${theirs.rows}`)
      for (const [j, column] of theirs.columns.entries()) {
        const info = ours.columns[j]
        if (info === undefined || column.empty) continue
        if ((info.unit ?? null) !== column.unit)
          found.push(`${at}.${info.name}: unit ${info.unit}, astropy ${column.unit}`)
        const { values, offsets } = table.column(info.name)
        if (column.variable !== undefined)
          found.push(...countDifferences(`${at}.${info.name}`, offsets, column.variable))
        const described = {
          dtype: { bool: 'u1', bit: 'u1' }[info.dtype as string] ?? info.dtype,
          shape: offsets === undefined ? [table.rows, ...info.shape] : [offsets.at(-1) as number],
          sha: hashArray(values),
          cells: someCells(values),
        }
        found.push(...arrayDifferences(`${at}.${info.name}`, described, column))
      }
    }
  }
  return found
}

function countDifferences(at: string, offsets: FitsColumn['offsets'], counts: number[]): string[] {
  const ours = counts.map((_, row) => (offsets?.[row + 1] ?? NaN) - (offsets?.[row] ?? NaN))
  return JSON.stringify(ours) === JSON.stringify(counts)
    ? []
    : [`${at}: rows of ${ours.join()}, astropy ${counts.join()}`]
}

function arrayDifferences(at: string, ours: OracleArray, theirs: OracleArray): string[] {
  const { dtype, shape, sha, cells } = theirs
  const pick = JSON.stringify([ours.dtype, ours.shape, ours.cells, ours.sha])
  const wanted = JSON.stringify([dtype, shape, cells, sha])
  return pick === wanted ? [] : [`${at}: ${pick}, astropy ${wanted}`]
}

function cardDifferences(at: string, ours: readonly Card[], theirs: readonly OracleCard[]): string[] {
  const found: string[] = []
  if (ours.length !== theirs.length) found.push(`${at}: ${ours.length} cards, astropy ${theirs.length}`)
  for (const [i, [key, value, comment]] of theirs.entries()) {
    const card = ours[i]
    if (card === undefined) break
    // A card that astropy gives up on, such as NaN without quotes.
    if (comment === null) continue
    if (card.key !== key.toUpperCase() || card.comment !== comment.trim() || !sameValue(card, value)) {
      found.push(
        `${at}: card ${JSON.stringify([card.key, String(card.value), card.comment])}, astropy ${JSON.stringify(theirs[i])}`,
      )
    }
  }
  return found
}

function sameValue(card: Card, value: unknown): boolean {
  if (value === null) return card.value === undefined
  if (Array.isArray(value)) return card.complex?.[0] === value[0] && card.complex?.[1] === value[1]
  if (typeof value === 'object') return String(card.value) === (value as { int: string }).int
  return typeof value === 'string' ? String(card.value).trimEnd() === value.trimEnd() : card.value === value
}

function someCells(values: FitsArray | string[]): (number | string)[] {
  const { length } = values
  return length === 0 ? [] : [0, Math.floor(length / 2), length - 1].flatMap((at) => plain(values.slice(at, at + 1)))
}

/** SHA-256 of the bytes of numbers (little-endian, as on this machine), or of strings joined by newlines. */
function hashArray(values: FitsArray | readonly string[]): string {
  const hash = createHash('sha256')
  if (Array.isArray(values)) return hash.update(values.join('\n'), 'latin1').digest('hex')
  const { buffer, byteOffset, byteLength } = values as FitsArray
  return hash.update(new Uint8Array(buffer, byteOffset, byteLength)).digest('hex')
}

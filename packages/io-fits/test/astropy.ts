import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Card, FitsArray, FitsFile } from '@astrolabel/io-fits'

const PYTHON = '/usr/bin/python3'
const SCRIPT = fileURLToPath(new URL('oracle/describe.py', import.meta.url))

interface OracleArray {
  dtype: string | null
  shape: number[]
  sha: string
}
type OracleCard = [string, unknown, string | null]
interface OracleColumn extends OracleArray {
  unit: string | null
  /** Not described: astropy's answer has another form. */
  variable?: true
  empty?: true
}
type OracleHdu = { name: string; cards: OracleCard[] } & (
  | { type: 'other' }
  | ({ type: 'image'; scaled?: boolean } & OracleArray)
  | { type: 'bintable'; rows: number; columns: OracleColumn[] }
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
    found.push(...cardDifferences(at, ours.header.cards, theirs.cards))
    if (theirs.type === 'other') continue
    if (ours.type !== theirs.type) {
      found.push(`${at}: ${ours.type}, astropy ${theirs.type}`)
    } else if (ours.type === 'image' && theirs.type === 'image') {
      const image = await ours.read()
      const described = {
        dtype: image.data.length === 0 ? null : image.dtype,
        shape: image.shape,
        sha: hashArray(image.data),
      }
      found.push(...arrayDifferences(at, described, theirs))
    } else if (ours.type === 'bintable' && theirs.type === 'bintable') {
      const table = await ours.read()
      if (table.rows !== theirs.rows) found.push(`${at}: ${table.rows} rows, astropy ${theirs.rows}`)
      for (const [j, column] of theirs.columns.entries()) {
        const info = ours.columns[j]
        if (info === undefined || column.variable || column.empty) continue
        if ((info.unit ?? null) !== column.unit)
          found.push(`${at}.${info.name}: unit ${info.unit}, astropy ${column.unit}`)
        const { values } = table.column(info.name)
        const described = {
          dtype: { bool: 'u1', bit: 'u1' }[info.dtype as string] ?? info.dtype,
          shape: [table.rows, ...info.shape],
          sha: hashArray(values),
        }
        found.push(...arrayDifferences(`${at}.${info.name}`, described, column))
      }
    }
  }
  return found
}

function arrayDifferences(at: string, ours: OracleArray, theirs: OracleArray): string[] {
  const { dtype, shape, sha } = theirs
  const pick = JSON.stringify([ours.dtype, ours.shape, ours.sha])
  const wanted = JSON.stringify([dtype, shape, sha])
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

/** SHA-256 of the bytes of numbers (little-endian, as on this machine), or of strings joined by newlines. */
function hashArray(values: FitsArray | readonly string[]): string {
  const hash = createHash('sha256')
  if (Array.isArray(values)) return hash.update(values.join('\n'), 'latin1').digest('hex')
  const { buffer, byteOffset, byteLength } = values as FitsArray
  return hash.update(new Uint8Array(buffer, byteOffset, byteLength)).digest('hex')
}

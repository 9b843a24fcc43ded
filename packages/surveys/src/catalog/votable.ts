import { openFits } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { SaxesParser } from 'saxes'
import type { ReadOptions } from '../ingest.js'
import { columnOfCells, numberOfText } from './cell-columns.js'
import type { CellNumber, CellType } from './cell-columns.js'
import { readFitsTable } from './fits-catalog.js'
import { binaryRows } from './votable-binary.js'
import type { VotableCell } from './votable-binary.js'
import { isKept, votableField } from './votable-fields.js'
import type { VotableField } from './votable-fields.js'

/** True of XML whose first element is a VOTable. */
export function isVotable(text: string): boolean {
  return /^\uFEFF?\s*(?:<\?xml[^>]*\?>)?\s*(?:<!--[\s\S]*?-->\s*|<!DOCTYPE[^>[]*>\s*)*<(?:\w+:)?VOTABLE[\s>]/.test(text)
}

/**
 * Read the first table of a VOTable (1.0 to 1.5): TABLEDATA, BINARY, BINARY2 or FITS, in the file itself.
 *
 * Missing are empty cells, NaN, the `null` of VALUES and the flags of BINARY2. Arrays become vectors where all rows are as
 * long. Complex numbers and arrays of different lengths are left out, with the warning `surveys/column-left-out`, further
 * tables with `surveys/tables-left-out`. Entities that a DOCTYPE defines are not expanded.
 *
 * @throws `surveys/votable` with the line: XML that is not well formed, a cell that is not of its field's type, data that
 * end early or lie elsewhere.
 */
export async function tableFromVotable(
  text: string,
  source = 'the table',
  options: Pick<ReadOptions, 'onWarning'> = {},
): Promise<Table> {
  const found = parseXml(text, source)
  if (found.tables > 1)
    options.onWarning?.({
      code: 'surveys/tables-left-out',
      source,
      message: `${source} holds ${found.tables} tables, of which the first is read`,
    })
  const { fields, serialization } = found
  if (serialization === 'FITS') return readFitsTable(await openFits(streamBytes(found, source)))
  const rows: Iterable<VotableCell[]> =
    serialization === 'TABLEDATA'
      ? found.rows.map((row) => row.cells.map((cell, j) => textCell(cell, fields[j]!, row.line, source)))
      : serialization === undefined
        ? []
        : binaryRows(streamBytes(found, source), fields, serialization === 'BINARY' ? 1 : 2, source)
  const cells: VotableCell[][] = fields.map(() => [])
  let n = 0
  for (const row of rows) {
    row.forEach((cell, j) => cells[j]!.push(cell))
    n++
  }
  const columns: Column[] = []
  const names = new Set<string>()
  fields.forEach((field, j) => {
    const column = isKept(field) ? columnOf(field, cells[j]!) : undefined
    if (column === undefined || names.has(column.name))
      options.onWarning?.({
        code: 'surveys/column-left-out',
        source,
        message: `Column ${field.name} ${column === undefined ? 'holds complex numbers or arrays of different lengths' : 'has the name of another'} and is left out`,
      })
    else {
      columns.push(column)
      names.add(column.name)
    }
  })
  return makeTable(columns, n)
}

interface Found {
  readonly fields: VotableField[]
  serialization: 'TABLEDATA' | 'BINARY' | 'BINARY2' | 'FITS' | undefined
  /** Of TABLEDATA. */
  readonly rows: { line: number; cells: string[] }[]
  /** Of the other serializations: base64. */
  stream: string
  encoding: string
  tables: number
}

const SERIALIZATIONS = ['TABLEDATA', 'BINARY', 'BINARY2', 'FITS'] as const

function parseXml(text: string, source: string): Found {
  const parser = new SaxesParser()
  const found: Found = { fields: [], serialization: undefined, rows: [], stream: '', encoding: '', tables: 0 }
  let row: Found['rows'][number] | undefined
  let pieces: string[] | undefined
  const inFirst = (): boolean => found.tables === 1
  parser.on('error', (error) => {
    throw badVotable(source, parser.line, error.message.replace(/^\S*\d+:\d+: /, ''), 'XML that is well formed')
  })
  parser.on('opentag', ({ name, attributes }) => {
    const tag = localName(name)
    if (tag === 'TABLE') found.tables++
    if (!inFirst()) return
    if (tag === 'FIELD') {
      const size = attributes['arraysize'] ?? '1'
      if (!/^\s*(?:\d{1,9}\s*x\s*)*(?:\d{1,9}\*?|\*)?\s*$/.test(size))
        throw badVotable(source, parser.line, `arraysize ${size}`, 'such as 3, 2x3 or *')
      found.fields.push(votableField(attributes, found.fields.length))
    } else if (tag === 'VALUES' && attributes['null'] !== undefined && found.fields.length > 0)
      found.fields.push({ ...found.fields.pop()!, null: attributes['null'].trim() })
    else if (SERIALIZATIONS.some((known) => known === tag)) found.serialization = tag as Found['serialization']
    else if (tag === 'TR') row = { line: parser.line, cells: [] }
    else if (tag === 'TD') pieces = []
    else if (tag === 'STREAM') {
      if (attributes['href'] !== undefined)
        throw badVotable(source, parser.line, `data at ${attributes['href']}`, 'data in the file itself')
      found.encoding = attributes['encoding'] ?? ''
      pieces = []
    }
  })
  const characters = (piece: string): void => {
    pieces?.push(piece)
  }
  parser.on('text', characters)
  parser.on('cdata', characters)
  parser.on('closetag', ({ name }) => {
    const tag = localName(name)
    if (tag === 'TD') row?.cells.push((pieces ?? []).join(''))
    else if (tag === 'STREAM' && inFirst()) found.stream = (pieces ?? []).join('')
    else if (tag === 'TR' && row !== undefined) {
      if (row.cells.length !== found.fields.length)
        throw badVotable(source, row.line, `a row of ${row.cells.length} cells`, `${found.fields.length}`)
      found.rows.push(row)
      row = undefined
    }
    if (tag === 'TD' || tag === 'STREAM') pieces = undefined
  })
  parser.write(text.replace(/^\uFEFF/, '')).close()
  if (found.tables === 0) throw badVotable(source, parser.line, 'no TABLE', 'a VOTable with one')
  const strange = found.fields.find((field) => !isKept(field) && !field.datatype.endsWith('Complex'))
  if (strange !== undefined) throw badVotable(source, 1, `datatype ${strange.datatype}`, 'a datatype of VOTable')
  return found
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function streamBytes({ stream, encoding }: Found, source: string): Uint8Array {
  if (encoding !== 'base64') throw badVotable(source, 1, `a stream encoded as ${encoding || 'nothing'}`, 'base64')
  try {
    return Uint8Array.from(atob(stream.replace(/\s+/g, '')), (letter) => letter.charCodeAt(0))
  } catch (cause) {
    throw badVotable(source, 1, cause instanceof Error ? cause.message : String(cause), 'data in base64')
  }
}

/** A cell of TABLEDATA. Arrays of bits may be written without blanks. */
function textCell(text: string, field: VotableField, line: number, source: string): VotableCell {
  const { type, datatype } = field
  if (type === undefined) return text
  if (datatype.endsWith('Complex')) return undefined
  const bare = text.trim()
  if (bare === '') return undefined
  const words = datatype === 'bit' ? (bare.match(/[01]/g) ?? []) : bare.split(/[\s,]+/)
  return words.map((word): CellNumber => {
    if (word === field.null) return undefined
    if (datatype === 'boolean' && (word === '?' || word === ' ')) return undefined
    const value = numberOfText(word, type)
    if (value === null) throw badVotable(source, line, word.slice(0, 40), `${datatype}, field ${field.name}`)
    return typeof value === 'number' && Number.isNaN(value) ? undefined : value
  })
}

function columnOf(field: VotableField, cells: readonly VotableCell[]): Column | undefined {
  const { name, unit, type } = field
  if (type === undefined) {
    const values = cells.map((cell) => (typeof cell === 'string' ? cell : ''))
    const missing = values.includes('')
    return {
      name,
      values,
      ...(missing ? { valid: Uint8Array.from(values, (text) => (text === '' ? 0 : 1)) } : {}),
      ...(unit === undefined ? {} : { unit }),
    }
  }
  return numbersColumn(field, type, cells as readonly (readonly CellNumber[] | undefined)[])
}

function numbersColumn(
  { name, unit, length, scalar }: VotableField,
  type: CellType,
  cells: readonly (readonly CellNumber[] | undefined)[],
): Column | undefined {
  const known = cells.find((cell) => cell !== undefined)
  const width = scalar ? 1 : (length ?? known?.length ?? 1)
  // A length that no row bears out may be any number.
  if (!scalar && known === undefined && cells.length > 0) return undefined
  if (width === 0 || cells.some((cell) => cell !== undefined && cell.length !== width)) return undefined
  const missing: readonly undefined[] = Array.from({ length: width })
  return columnOfCells(
    name,
    type,
    cells.flatMap((cell): readonly CellNumber[] => cell ?? missing),
    width,
    unit,
  )
}

function badVotable(source: string, line: number, got: string, expected: string): AstrolabelError {
  return new AstrolabelError('surveys/votable', `${source} is no VOTable that can be read, line ${line}`, {
    got,
    expected,
    remedy: 'Fetch it again, or save it as another kind, such as TABLEDATA, FITS or CSV',
  })
}

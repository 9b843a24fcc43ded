import { openFits } from '@astrolabel/io-fits'
import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'
import { SaxesParser } from 'saxes'
import type { ReadOptions } from '../ingest.js'
import { readFitsTable } from './fits-catalog.js'
import { readBinaryRows } from './votable-binary.js'
import { VotableColumn } from './votable-column.js'
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
  const filled = found.columns ?? fields.map((field) => new VotableColumn(field))
  const n =
    serialization === 'BINARY' || serialization === 'BINARY2'
      ? readBinaryRows(streamBytes(found, source), filled, serialization === 'BINARY' ? 1 : 2, source)
      : found.rows
  const columns: Column[] = []
  const names = new Set<string>()
  for (const one of filled) {
    const column = one.column()
    const { name } = one.field
    if (column === undefined || names.has(column.name))
      options.onWarning?.({
        code: 'surveys/column-left-out',
        source,
        message: `Column ${name} ${column === undefined ? 'holds complex numbers or arrays of different lengths' : 'has the name of another'} and is left out`,
      })
    else {
      columns.push(column)
      names.add(column.name)
    }
  }
  return makeTable(columns, n)
}

interface Found {
  readonly fields: VotableField[]
  serialization: 'TABLEDATA' | 'BINARY' | 'BINARY2' | 'FITS' | undefined
  /** Of TABLEDATA, filled while the XML is read. */
  columns: VotableColumn[] | undefined
  rows: number
  /** Of the other serializations: base64. */
  stream: string
  encoding: string
  tables: number
}

const SERIALIZATIONS = ['TABLEDATA', 'BINARY', 'BINARY2', 'FITS'] as const

function parseXml(text: string, source: string): Found {
  const parser = new SaxesParser()
  const found: Found = {
    fields: [],
    serialization: undefined,
    columns: undefined,
    rows: 0,
    stream: '',
    encoding: '',
    tables: 0,
  }
  let row: { readonly line: number; next: number } | undefined
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
    else if (tag === 'TR') {
      found.columns ??= found.fields.map((field) => new VotableColumn(field))
      row = { line: parser.line, next: 0 }
    } else if (tag === 'TD') pieces = []
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
    if (tag === 'TD' && row !== undefined) {
      const column = found.columns![row.next++]
      const wrong = column?.addWords(pieces?.length === 1 ? pieces[0]! : (pieces ?? []).join(''))
      if (wrong !== undefined)
        throw badVotable(source, row.line, wrong, `${column!.field.datatype}, field ${column!.field.name}`)
    } else if (tag === 'STREAM' && inFirst()) found.stream = (pieces ?? []).join('')
    else if (tag === 'TR' && row !== undefined) {
      if (row.next !== found.columns!.length)
        throw badVotable(source, row.line, `a row of ${row.next} cells`, `${found.columns!.length}`)
      found.rows++
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
    const letters = atob(stream.replace(/\s+/g, ''))
    const bytes = new Uint8Array(letters.length)
    for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i)
    return bytes
  } catch (cause) {
    throw badVotable(source, 1, cause instanceof Error ? cause.message : String(cause), 'data in base64')
  }
}

function badVotable(source: string, line: number, got: string, expected: string): AstrolabelError {
  return new AstrolabelError('surveys/votable', `${source} is no VOTable that can be read, line ${line}`, {
    got,
    expected,
    remedy: 'Fetch it again, or save it as another kind, such as TABLEDATA, FITS or CSV',
  })
}

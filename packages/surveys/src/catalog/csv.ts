import { AstrolabelError, makeTable } from '@astrolabel/spectra'
import type { Column, Table } from '@astrolabel/spectra'

const MISSING = new Set([
  '',
  'nan',
  '-nan',
  'null',
  'none',
  'na',
  'n/a',
  '--',
  'inf',
  '-inf',
  '+inf',
  'infinity',
  '-infinity',
])
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?$/
const INTEGER = /^[+-]?\d+$/

/**
 * Read a table of text with a header line.
 *
 * Commas, semicolons, tabs, bars or blanks separate, whichever the header uses; fields may be quoted; lines that begin
 * with `#` are comments. Empty, `nan`, `null`, `NA` and `--` are missing. A column of integers too large for a double
 * is kept exactly, as BigInt64; one with leading zeros, which are names, as strings.
 *
 * @param source What messages call it.
 * @throws `surveys/csv` when there is no header, a name stands twice or a row has another number of fields.
 */
export function tableFromCsv(text: string, source = 'the table'): Table {
  const lines = text.replace(/^\uFEFF/, '')
  const headerLine = /^(?!#)[^\S\r\n]*\S.*$/m.exec(lines)?.[0]
  if (headerLine === undefined)
    throw new AstrolabelError('surveys/csv', `${source} is empty`, { expected: 'a header line and rows' })
  const [header, ...rows] = records(lines, separatorOf(headerLine))
  const names = header!.fields.map((name) => name.text.trim())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined)
    throw new AstrolabelError('surveys/csv', `${source} names two columns alike`, {
      got: twice,
      remedy: 'Rename one of them in the header',
    })
  for (const row of rows) {
    if (row.fields.length !== names.length)
      throw new AstrolabelError('surveys/csv', `${source}, line ${row.line}, does not fit its header`, {
        got: `${row.fields.length} fields`,
        expected: `${names.length} (${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''})`,
        remedy: 'Quote fields that hold the separator',
      })
  }
  // A writer that quotes everything says nothing by it; one that quotes some fields marks strings.
  const quotesAll = [header!, ...rows].every((row) => row.fields.every((field) => field.quoted))
  return makeTable(
    names.map((name, i) =>
      typedColumn(
        name,
        rows.map((row) => (quotesAll ? { text: row.fields[i]!.text, quoted: false } : row.fields[i]!)),
      ),
    ),
    rows.length,
  )
}

/**
 * Write a table as comma-separated text; what {@link tableFromCsv} reads back. Missing values are empty, vectors become
 * one column an element, `name_0`, `name_1`, ….
 */
export function tableToCsv(table: Table): string {
  const fields = [...table.columns.values()].flatMap(csvFields)
  const out = [fields.map((field) => quote(field.name, false)).join(',')]
  // An empty line would not count as a row.
  const missing = fields.length === 1 ? 'nan' : ''
  for (let row = 0; row < table.n; row++) out.push(fields.map((field) => field.at(row) ?? missing).join(','))
  return out.join('\n') + '\n'
}

export interface Field {
  readonly text: string
  readonly quoted: boolean
}

/** Quoted names may hold anything, so they are left out; a lone name means one column, not blanks as separators. */
function separatorOf(headerLine: string): string {
  const bare = headerLine.replace(/"(?:[^"]|"")*"/g, '').trim()
  return [',', '\t', ';', '|'].find((candidate) => bare.includes(candidate)) ?? (/\s/.test(bare) ? ' ' : ',')
}

/** Records of a text, with the line that each begins at; comments and blank lines are left out. */
export function* records(text: string, delimiter: string): Generator<{ line: number; fields: Field[] }> {
  let at = 0
  let line = 0
  while (at < text.length) {
    line++
    if (text[at] === '#' || /\s/.test(text[at]!)) {
      const end = lineEnd(text, at)
      if (text[at] === '#' || text.slice(at, end).trim() === '') {
        at = afterNewline(text, end)
        continue
      }
    }
    const first = line
    const fields: Field[] = []
    for (;;) {
      if (delimiter === ' ') while (text[at] === ' ' || text[at] === '\t') at++
      if (delimiter === ' ' && (at >= text.length || text[at] === '\n' || text[at] === '\r')) break
      const field = readField(text, at, delimiter)
      line += field.newlines
      at = field.next
      fields.push(field)
      if (at >= text.length || text[at] === '\n' || text[at] === '\r') break
      at++
      if (delimiter !== ' ' && at >= text.length) fields.push({ text: '', quoted: false })
      if (at >= text.length) break
    }
    at = afterNewline(text, at)
    yield { line: first, fields }
  }
}

function readField(text: string, start: number, delimiter: string): Field & { next: number; newlines: number } {
  let at = start
  if (text[at] === '"') {
    let value = ''
    let newlines = 0
    for (at++; at < text.length; at++) {
      if (text[at] !== '"') {
        if (text[at] === '\n') newlines++
        value += text[at]
      } else if (text[at + 1] === '"') value += text[at++]
      else break
    }
    at++
    while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') value += text[at++]
    return { text: value, quoted: true, next: at, newlines }
  }
  const separator = delimiter.charCodeAt(0)
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === separator || code === 10 || code === 13 || (code === 9 && delimiter === ' ')) break
  }
  return { text: text.slice(start, at), quoted: false, next: at, newlines: 0 }
}

function lineEnd(text: string, at: number): number {
  let end = at
  while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end++
  return end
}

function afterNewline(text: string, at: number): number {
  return text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at + 1
}

function typedColumn(name: string, fields: readonly Field[]): Column {
  const texts = fields.map((field) => field.text.trim())
  const missing = fields.map((field, i) => !field.quoted && MISSING.has(texts[i]!.toLowerCase()))
  const present = texts.filter((_, i) => !missing[i])
  const valid = missing.some(Boolean) ? { valid: Uint8Array.from(missing, (m) => (m ? 0 : 1)) } : {}
  const bare = !fields.some((field) => field.quoted)
  if (bare && present.every((text) => NUMBER.test(text) && !/^[+-]?0\d/.test(text))) {
    if (present.every((text) => INTEGER.test(text)) && present.some((text) => !Number.isSafeInteger(Number(text)))) {
      const values = texts.map((text, i) => (missing[i] ? 0n : BigInt(text)))
      if (values.every((value) => value === BigInt.asIntN(64, value)))
        return { name, values: BigInt64Array.from(values), ...valid }
    } else
      return {
        name,
        values: Float64Array.from(texts, (text, i) => (missing[i] ? Number.NaN : Number(text.replace(/[dD]/, 'e')))),
        ...valid,
      }
  }
  if (bare && present.length > 0 && present.every((text) => /^(true|false)$/i.test(text))) {
    return {
      name,
      values: Uint8Array.from(texts, (text) => (text.toLowerCase() === 'true' ? 1 : 0)),
      boolean: true,
      ...valid,
    }
  }
  return { name, values: fields.map((field, i) => (missing[i] ? '' : field.quoted ? field.text : texts[i]!)), ...valid }
}

function csvFields(column: Column): { name: string; at: (row: number) => string | undefined }[] {
  const { name, values, width = 1, valid } = column
  const strings = Array.isArray(values)
  return Array.from({ length: width }, (_, j) => ({
    name: width === 1 ? name : `${name}_${j}`,
    at: (row) => {
      const value = values[row * width + j]!
      if (valid?.[row] === 0 || (typeof value === 'number' && Number.isNaN(value))) return undefined
      if (strings) return quote(value as string, true)
      return column.boolean === true ? String(value === 1) : String(value)
    },
  }))
}

/** Quoted when it holds a separator; values also when they would read back as a number or as missing, names with blanks. */
function quote(text: string, value: boolean): string {
  const ambiguous = !value
    ? /\s/.test(text) || text === ''
    : NUMBER.test(text.trim()) ||
      MISSING.has(text.trim().toLowerCase()) ||
      /^(true|false)$/i.test(text.trim()) ||
      text !== text.trim()
  return ambiguous || /[",\n\r;|\t#]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

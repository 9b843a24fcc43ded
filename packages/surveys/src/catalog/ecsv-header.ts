import { AstrolabelError } from '@astrolabel/spectra'
import { parseDocument } from 'yaml'

/** One column as the header tells it. */
export interface EcsvColumn {
  readonly name: string
  readonly datatype: string
  readonly unit: string | undefined
  /** `float64[2,3]`, `json`, … where cells are written as JSON. */
  readonly subtype: string | undefined
}

/** The header, and where the rows begin. */
export interface EcsvHeader {
  readonly columns: readonly EcsvColumn[]
  readonly delimiter: string
}

/** True of text in ECSV, by its first line. */
export function isEcsv(text: string): boolean {
  return /^\uFEFF?#\s*%ECSV\s/.test(text)
}

/**
 * The YAML header of an ECSV table.
 *
 * @throws `surveys/ecsv` with the line and what the YAML parser says, or what is missing.
 */
export function parseEcsvHeader(text: string, source: string): EcsvHeader {
  const lines: string[] = []
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/)) {
    if (line.trim() === '') continue
    if (!line.startsWith('#')) break
    lines.push(line.replace(/^# ?/, ''))
  }
  const start = lines.findIndex((line) => line.trim() === '---')
  if (start < 0) throw badEcsv(source, 'no line # ---')
  const header = yamlOf(lines.slice(start + 1).join('\n'), source)
  const { datatype, delimiter = ' ' } = isObject(header) ? header : {}
  if (!Array.isArray(datatype) || datatype.length === 0) throw badEcsv(source, 'no list datatype')
  if (delimiter !== ' ' && delimiter !== ',') throw badEcsv(source, `the delimiter ${JSON.stringify(delimiter)}`)
  return { columns: datatype.map((entry: unknown) => columnOf(entry, source)), delimiter }
}

function yamlOf(text: string, source: string): unknown {
  const document = parseDocument(text, { logLevel: 'silent' })
  try {
    if (document.errors[0] !== undefined) throw document.errors[0]
    return document.toJS({ maxAliasCount: 100 })
  } catch (cause) {
    throw badEcsv(source, cause instanceof Error ? cause.message.split('\n')[0]! : String(cause))
  }
}

function columnOf(entry: unknown, source: string): EcsvColumn {
  const fields = isObject(entry) ? entry : {}
  const { name, datatype, subtype, unit } = fields
  if (typeof name !== 'string' && typeof name !== 'number') throw badEcsv(source, 'a column without a name')
  if (typeof datatype !== 'string') throw badEcsv(source, `column ${name} without a datatype`)
  return {
    name: String(name),
    datatype,
    subtype: typeof subtype === 'string' ? subtype : undefined,
    unit: unitOf(unit),
  }
}

/** A string, or what astropy writes for units of its own: `!astropy.units.Unit {unit: km / s}`. */
function unitOf(unit: unknown): string | undefined {
  if (typeof unit === 'string') return unit
  return isObject(unit) && typeof unit['unit'] === 'string' ? unit['unit'] : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function badEcsv(source: string, got: string): AstrolabelError {
  return new AstrolabelError('surveys/ecsv', `The header of ${source} is no ECSV`, {
    got,
    expected: '# %ECSV 1.0, # --- and a list datatype of columns with name and datatype',
    remedy: 'Write the table again with astropy, or read it as plain text without its header',
  })
}

import type { RecordBatch, Schema, Vector } from 'apache-arrow'
import { AstrolabelError } from '../errors.js'
import type { NumericArray } from './columns.js'
import { numericValues } from './columns.js'

/** The two tables with a fixed layout: columns of their own and metadata under a key of the schema. */
export interface Layout {
  readonly holds: 'spectra' | 'labels'
  readonly version: string
  /** What to do with a table that is not one. */
  readonly remedy: string
}

/** Schema metadata that marks a table as one of this layout. */
export function layoutMetadata(layout: Layout, meta: object): Map<string, string> {
  return new Map([[metadataKey(layout), JSON.stringify({ formatVersion: layout.version, ...meta })]])
}

/** True when an Arrow schema is of this layout. */
export function hasLayout(schema: Schema, layout: Layout): boolean {
  return schema.metadata.has(metadataKey(layout))
}

/**
 * The metadata of a table of this layout, without its format version.
 *
 * @throws `<holds>/not-<holds>` for another Arrow table, `<holds>/newer-format`, `<holds>/damaged`.
 */
export function readLayoutMetadata<T extends object>(schema: Schema, layout: Layout): T {
  const { holds, version, remedy } = layout
  const json = schema.metadata.get(metadataKey(layout))
  if (json === undefined) {
    throw new AstrolabelError(`${holds}/not-${holds}`, `The Arrow table does not hold ${holds}`, {
      got: `columns ${schema.names.slice(0, 12).map(String).join(', ') || '(none)'}`,
      remedy,
    })
  }
  const { formatVersion, ...meta } = parse<T & { formatVersion?: string }>(json, holds)
  if (formatVersion !== version) {
    throw new AstrolabelError(`${holds}/newer-format`, `The ${holds} were written in another format version`, {
      got: formatVersion ?? '(none)',
      expected: version,
      remedy: 'Use the version of astrolabel that wrote them, or a newer one',
    })
  }
  return meta as unknown as T
}

/** A column that the layout needs. @throws `<holds>/damaged`. */
export function ownVector(batch: RecordBatch, name: string, { holds }: Layout): Vector {
  const vector = batch.getChild(name) as Vector | null
  if (vector === null) {
    throw new AstrolabelError(`${holds}/damaged`, `The ${holds} lack column ${name}`, {
      got: batch.schema.names.slice(0, 12).map(String),
    })
  }
  return vector
}

/**
 * The numbers of a column that the layout needs, on Arrow's own buffer.
 *
 * @param storage The typed array that the column must lie in.
 * @param width Numbers a row when the column holds lists.
 * @throws `<holds>/damaged` when it is not there, of another type or of another width.
 */
export function ownNumbers<T extends NumericArray>(
  batch: RecordBatch,
  name: string,
  storage: new (n: number) => T,
  layout: Layout,
  width?: number,
): T {
  const vector = ownVector(batch, name, layout)
  const items = width === undefined ? vector : (vector.getChildAt(0) as Vector | null)
  const values = items === null ? undefined : numericValues(name, items)
  const length = batch.numRows * (width ?? 1)
  if (!(values instanceof storage) || values.length !== length) {
    throw new AstrolabelError(`${layout.holds}/damaged`, `Column ${name} does not fit the ${layout.holds}`, {
      got: `${values?.length ?? 0} values of ${String(vector.type)}`,
      expected: `${length} values in a ${storage.name}`,
    })
  }
  return values
}

/** A name that no column of the layout has yet: the name itself, or with the suffix after it. */
export function freeName(name: string, taken: Set<string>, suffix: string): string {
  let free = name
  while (taken.has(free)) free += suffix
  taken.add(free)
  return free
}

function metadataKey({ holds }: Layout): string {
  return `astrolabel:${holds}`
}

function parse<T>(json: string, holds: string): T {
  try {
    return JSON.parse(json) as T
  } catch (cause) {
    throw new AstrolabelError(`${holds}/damaged`, `The metadata of the ${holds} cannot be read`, {
      got: json.slice(0, 60),
      remedy: 'Copy or make the file again',
      cause,
    })
  }
}

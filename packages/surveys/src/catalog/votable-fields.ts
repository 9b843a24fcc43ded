import type { CellType } from './cell-columns.js'

/** A FIELD of a VOTable. */
export interface VotableField {
  readonly name: string
  readonly unit: string | undefined
  /** Undefined for text. */
  readonly type: CellType | undefined
  readonly datatype: string
  /** Elements of a cell; undefined when it varies. Of text: characters. */
  readonly length: number | undefined
  /** Whether cells hold one value, without an arraysize. */
  readonly scalar: boolean
  /** What stands for a missing integer. */
  readonly null: string | undefined
}

const TYPES: Readonly<Record<string, CellType>> = {
  boolean: 'bool',
  bit: 'bool',
  unsignedByte: 'uint8',
  short: 'int16',
  int: 'int32',
  long: 'int64',
  float: 'float32',
  double: 'float64',
  floatComplex: 'float32',
  doubleComplex: 'float64',
}

/** Bytes of an element in BINARY; bits are packed and counted otherwise. */
export const BYTES: Readonly<Record<string, number>> = {
  boolean: 1,
  unsignedByte: 1,
  short: 2,
  int: 4,
  long: 8,
  char: 1,
  unicodeChar: 2,
  float: 4,
  double: 8,
  floatComplex: 8,
  doubleComplex: 16,
}

/** A field from the attributes of its element. @param place Its number, for a name when it has none. */
export function votableField(attributes: Readonly<Record<string, string>>, place: number): VotableField {
  const datatype = attributes['datatype'] ?? 'char'
  const size = attributes['arraysize']?.trim()
  const axes = size === undefined || size === '' ? [] : size.split('x').map((axis) => axis.trim())
  return {
    name: attributes['name'] ?? attributes['ID'] ?? `col${place + 1}`,
    unit: attributes['unit'] || undefined,
    type: datatype === 'char' || datatype === 'unicodeChar' ? undefined : TYPES[datatype],
    datatype,
    length: axes.some((axis) => axis.endsWith('*'))
      ? undefined
      : axes.reduce((product, axis) => product * Number(axis), 1),
    scalar: axes.length === 0,
    null: undefined,
  }
}

/** Whether cells can be columns: complex numbers and lists of texts cannot, nor types that nobody knows. */
export function isKept(field: VotableField): boolean {
  return BYTES[field.datatype] !== undefined || field.datatype === 'bit' ? !field.datatype.endsWith('Complex') : false
}

import type { DataType } from 'apache-arrow'
import {
  Bool,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Uint16,
  Uint32,
  Uint64,
  Uint8,
  Utf8,
} from 'apache-arrow'
import type { ColumnDtype } from '../dtype.js'
import { shapeSize } from '../dtype.js'
import type { FitsColumnInfo } from '../read/hdu.js'

const ITEM_TYPES: Readonly<Record<ColumnDtype, () => DataType>> = {
  u1: () => new Uint8(),
  i1: () => new Int8(),
  u2: () => new Uint16(),
  i2: () => new Int16(),
  u4: () => new Uint32(),
  i4: () => new Int32(),
  u8: () => new Uint64(),
  i8: () => new Int64(),
  f4: () => new Float32(),
  f8: () => new Float64(),
  bool: () => new Bool(),
  bit: () => new Bool(),
  c8: () => new FixedSizeList(2, new Field('part', new Float32(), false)),
  c16: () => new FixedSizeList(2, new Field('part', new Float64(), false)),
  str: () => new Utf8(),
}

/** How the cells of a column lie in Arrow. */
export type CellForm = 'scalar' | 'vector' | 'variable'

/** A row of characters is one string, so a variable-length column of them is one of plain strings. */
export function cellForm({ dtype, shape, variable }: FitsColumnInfo): CellForm {
  if (variable !== undefined) return dtype === 'str' ? 'scalar' : 'variable'
  return shape.length === 0 ? 'scalar' : 'vector'
}

/** The type of one value of a column. */
export function itemType(dtype: ColumnDtype): DataType {
  return ITEM_TYPES[dtype]()
}

/**
 * The field of a column, always nullable: the batches of a file must agree, and the next one may have a gap. Metadata:
 * `unit`; `shape` (JSON, slowest axis first) of cells with more than one axis.
 */
export function arrowField(info: FitsColumnInfo): Field {
  const item = new Field('item', itemType(info.dtype), true)
  const form = cellForm(info)
  const type =
    form === 'scalar' ? item.type : form === 'vector' ? new FixedSizeList(shapeSize(info.shape), item) : new List(item)
  const axes = info.variable?.shape ?? info.shape
  const metadata = new Map<string, string>()
  if (info.unit !== undefined) metadata.set('unit', info.unit)
  if (axes.length > 1) metadata.set('shape', JSON.stringify(axes))
  return new Field(info.name, type as DataType, true, metadata)
}

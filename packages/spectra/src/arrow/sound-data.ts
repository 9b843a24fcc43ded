import type { Data, DataType, FixedSizeList } from 'apache-arrow'
import { Type } from 'apache-arrow'

const STRINGS: ReadonlySet<Type> = new Set([Type.Utf8, Type.LargeUtf8, Type.Binary, Type.LargeBinary])

/**
 * True when the buffers of Arrow data are as long as its number of rows says.
 *
 * Arrow believes the numbers of rows in a file: a damaged one would make a reader run through billions of rows that are
 * not there. O(rows) for strings and lists, whose offsets must ascend, O(columns) otherwise.
 */
export function isSound(data: Data): boolean {
  const { length, nullCount, children } = data
  if (length < 0 || nullCount < 0 || nullCount > length) return false
  if (nullCount > 0 && data.nullBitmap.length * 8 < length) return false
  const values = (data.values as { length: number } | undefined)?.length ?? 0
  const type = data.type as DataType
  const id = type.typeId
  if (id === Type.Null) return true
  if (id === Type.Struct) return children.every((child) => child.length >= length && isSound(child))
  if (id === Type.FixedSizeList) {
    return children[0]!.length >= length * (type as FixedSizeList).listSize && isSound(children[0]!)
  }
  if (id === Type.List || id === Type.Map) return offsetsFit(data, children[0]!.length) && isSound(children[0]!)
  if (STRINGS.has(id)) return offsetsFit(data, values)
  return (id === Type.Bool ? values * 8 : values) >= length
}

function offsetsFit({ length, valueOffsets }: Data, end: number): boolean {
  const offsets = valueOffsets as Int32Array | BigInt64Array
  if (length > 0 && offsets.length < length + 1) return false
  let before = 0
  for (let i = 0; i < Math.min(offsets.length, length + 1); i++) {
    const offset = Number(offsets[i])
    if (offset < before) return false
    before = offset
  }
  return before <= end
}

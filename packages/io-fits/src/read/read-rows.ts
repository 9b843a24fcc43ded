import type { ByteSource } from '../source/byte-source.js'
import { DEFAULT_SEEK_COST, readExactly } from '../source/byte-source.js'
import type { ReadControl } from './hdu.js'
import { readChunks } from './read-chunks.js'

/** The part of a row that a column takes. */
export interface CellSpan {
  readonly offset: number
  readonly width: number
}

export interface RowRange {
  /** Byte offset of the first row. */
  readonly offset: number
  readonly rowBytes: number
  readonly rows: number
  readonly label: string
}

/** Receives cells of column `index`: `rows` of them, `stride` bytes apart from `offset`, the first of row `row`. */
export type UseCells = (
  index: number,
  view: DataView,
  offset: number,
  stride: number,
  rows: number,
  row: number,
) => void

interface Segment {
  readonly start: number
  end: number
  readonly columns: number[]
}

// Large enough that a read call costs little beside its bytes, small enough to stay in the cache while columns are gathered.
const CHUNK_BYTES = 1024 * 1024
const READS_IN_FLIGHT = 16

/**
 * Reads the cells of some columns of a row-major table and no more than pays: where every gap between wanted bytes is
 * shorter than the source's seek cost, rows are read in chunks and gaps with them; otherwise each row's wanted parts are
 * read one by one. Memory: two chunks, or the parts of 16 rows.
 */
export async function readRows(
  source: ByteSource,
  range: RowRange,
  columns: readonly CellSpan[],
  control: ReadControl,
  use: UseCells,
): Promise<void> {
  const seekCost = source.seekCost ?? DEFAULT_SEEK_COST
  const segments = joinSpans(columns, seekCost)
  const [first] = segments
  const last = segments.at(-1)
  if (first === undefined || last === undefined || range.rows === 0) return
  const gapToNextRow = range.rowBytes - last.end + first.start
  if (segments.length === 1 && (gapToNextRow < seekCost || range.rows === 1)) {
    await readRowChunks(source, range, first, columns, control, use)
  } else {
    await readRowParts(source, range, segments, columns, control, use)
  }
}

/** Wanted bytes of a row, gaps shorter than `gap` read over. */
function joinSpans(columns: readonly CellSpan[], gap: number): Segment[] {
  const order = columns.map((_, i) => i).filter((i) => (columns[i]?.width ?? 0) > 0)
  order.sort((a, b) => (columns[a]?.offset ?? 0) - (columns[b]?.offset ?? 0))
  const segments: Segment[] = []
  for (const i of order) {
    const { offset, width } = columns[i] as CellSpan
    const last = segments.at(-1)
    if (last !== undefined && offset - last.end < gap) {
      last.end = Math.max(last.end, offset + width)
      last.columns.push(i)
    } else {
      segments.push({ start: offset, end: offset + width, columns: [i] })
    }
  }
  return segments
}

async function readRowChunks(
  source: ByteSource,
  { offset, rowBytes, rows, label }: RowRange,
  segment: Segment,
  columns: readonly CellSpan[],
  control: ReadControl,
  use: UseCells,
): Promise<void> {
  const perChunk = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes))
  // From the first wanted byte of the first row to the last wanted byte of the last one.
  const length = (rows - 1) * rowBytes + segment.end - segment.start
  const span = { offset: offset + segment.start, length, step: perChunk * rowBytes, label }
  await readChunks(source, span, control, (view, at) => {
    const row = at / rowBytes
    const count = Math.min(perChunk, rows - row)
    for (const i of segment.columns) {
      use(i, view, (columns[i] as CellSpan).offset - segment.start, rowBytes, count, row)
    }
  })
}

async function readRowParts(
  source: ByteSource,
  { offset, rowBytes, rows, label }: RowRange,
  segments: readonly Segment[],
  columns: readonly CellSpan[],
  control: ReadControl,
  use: UseCells,
): Promise<void> {
  const perRow = segments.reduce((sum, segment) => sum + segment.end - segment.start, 0)
  const readRow = async (row: number): Promise<void> => {
    for (const { start, end, columns: inside } of segments) {
      const bytes = await readExactly(source, offset + row * rowBytes + start, end - start, label)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (const i of inside) use(i, view, (columns[i] as CellSpan).offset - start, rowBytes, 1, row)
    }
  }
  for (let row = 0; row < rows; row += READS_IN_FLIGHT) {
    control.signal?.throwIfAborted()
    const count = Math.min(READS_IN_FLIGHT, rows - row)
    await Promise.all(Array.from({ length: count }, (_, i) => readRow(row + i)))
    control.onProgress?.((row + count) * perRow, rows * perRow)
  }
}

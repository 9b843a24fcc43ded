import type { ByteSource } from '../source/byte-source.js'
import { DEFAULT_SEEK_COST, readExactly } from '../source/byte-source.js'
import type { ReadControl } from './hdu.js'

/** Bytes of a heap that hold `count` values, which go to index `to` of the values read. */
export interface HeapPiece {
  readonly start: number
  readonly bytes: number
  readonly to: number
  readonly count: number
}

const CHUNK_BYTES = 1024 * 1024

interface Span {
  readonly start: number
  end: number
  /** Pieces `first` to `last` (not included). */
  readonly first: number
  last: number
}

/** Joins pieces that follow each other both in the heap and in the values, up to 1 MiB: one call decodes them all. */
export function joinPieces(pieces: readonly HeapPiece[], itemBytes: number): HeapPiece[] {
  const joined: HeapPiece[] = []
  let open: { start: number; bytes: number; to: number; count: number } | undefined
  for (const { start, bytes, to, count } of pieces) {
    const follows = open !== undefined && open.start + open.bytes === start && open.to + open.count === to
    if (open !== undefined && follows && open.bytes + bytes <= CHUNK_BYTES) {
      open.count += count
      open.bytes = open.count * itemBytes
    } else {
      open = { start, bytes, to, count }
      joined.push(open)
    }
  }
  return joined
}

/**
 * Reads pieces of a heap in the order they lie there, near ones together: gaps shorter than the source's seek cost are
 * read over, longer ones are not read. The next read runs while `use` works. Memory: two spans of 1 MiB, or of the
 * longest piece.
 */
export async function readHeap(
  source: ByteSource,
  heapOffset: number,
  pieces: readonly HeapPiece[],
  label: string,
  control: ReadControl,
  use: (view: DataView, offset: number, piece: HeapPiece) => void,
): Promise<void> {
  const sorted = isSorted(pieces) ? pieces : pieces.toSorted((a, b) => a.start - b.start)
  const spans = spansOf(sorted, source.seekCost ?? DEFAULT_SEEK_COST)
  const [first] = spans
  if (first === undefined) return
  const total = spans.reduce((sum, { start, end }) => sum + end - start, 0)
  const read = ({ start, end }: Span): Promise<Uint8Array> =>
    readExactly(source, heapOffset + start, end - start, label)
  let pending = read(first)
  let done = 0
  try {
    for (const [i, span] of spans.entries()) {
      const bytes = await pending
      control.signal?.throwIfAborted()
      const next = spans[i + 1]
      if (next !== undefined) pending = read(next)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      for (let p = span.first; p < span.last; p++) {
        const piece = sorted[p] as HeapPiece
        use(view, piece.start - span.start, piece)
      }
      done += bytes.length
      control.onProgress?.(done, total)
    }
  } finally {
    // When `use` or the caller throws, the read under way has no one left to report to.
    pending.catch(() => undefined)
  }
}

function isSorted(pieces: readonly HeapPiece[]): boolean {
  for (let i = 1; i < pieces.length; i++) {
    if ((pieces[i] as HeapPiece).start < (pieces[i - 1] as HeapPiece).start) return false
  }
  return true
}

function spansOf(sorted: readonly HeapPiece[], gap: number): Span[] {
  const spans: Span[] = []
  for (const [i, { start, bytes }] of sorted.entries()) {
    const end = start + bytes
    const last = spans.at(-1)
    if (last !== undefined && start - last.end < gap && Math.max(end, last.end) - last.start <= CHUNK_BYTES) {
      last.end = Math.max(last.end, end)
      last.last = i + 1
    } else {
      spans.push({ start, end, first: i, last: i + 1 })
    }
  }
  return spans
}

import { FitsError } from '../fits-error.js'

/** Random access to bytes that lie somewhere: memory, a file handle, a Blob, a server. */
export interface ByteSource {
  /** Bytes in all. */
  readonly size: number
  /**
   * How many bytes could be read in the time one more `read` call takes. Table reads skip a gap between the wanted
   * columns when it is at least this long. Default 32 768, right for a local file; a network source says more.
   */
  readonly seekCost?: number
  /**
   * The bytes from `offset`; fewer than `length` only where the source ends. The caller does not change them.
   * `into`, where it is given, has at least `length` bytes: a source that copies may fill it and return its start.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  /**
   * Decompresses gzip members that follow each other, `size` bytes in all, on other threads. Where a source has none,
   * the tiles of compressed images are decompressed on this one.
   */
  readonly gunzip?: (members: Uint8Array, size: number) => Promise<Uint8Array>
  close(): Promise<void>
}

/** What `seekCost` is where a source does not say. */
export const DEFAULT_SEEK_COST: number = 32 * 1024

/** A source over bytes in memory; reads are views, never copies. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)),
    close: () => Promise.resolve(),
  }
}

/** A source over a Blob or a File that a person chose in a browser; only the slices asked for are loaded. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: () => Promise.resolve(),
  }
}

/** Reads exactly `length` bytes, or fails with `fits/truncated` naming `what` the bytes were for. */
export async function readExactly(
  source: ByteSource,
  offset: number,
  length: number,
  what: string,
  into?: Uint8Array,
): Promise<Uint8Array> {
  const bytes = await source.read(offset, length, into)
  if (bytes.length !== length) {
    throw new FitsError('fits/truncated', `${what} ends early at byte ${offset + bytes.length}`, {
      got: `${bytes.length} bytes`,
      expected: `${length} bytes`,
      remedy: 'The file shrank while it was read, or its source returns short reads.',
    })
  }
  return bytes
}

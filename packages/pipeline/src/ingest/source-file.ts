import { stat } from 'node:fs/promises'

/** A file to ingest, as it is now. */
export interface SourceFile {
  readonly path: string
  /** What the column `source_file` calls it. */
  readonly name: string
  readonly bytes: number
  /** Milliseconds since 1970. */
  readonly modified: number
}

/** Questions to the file system at a time. */
const ASKED = 32

/** Size and time of each file; 0 for what cannot be asked, whose reading will say why. */
export async function statFiles(
  paths: readonly string[],
  nameOf: (path: string) => string = (path) => path,
): Promise<SourceFile[]> {
  const out: SourceFile[] = []
  const queue = paths.entries()
  const lane = async (): Promise<void> => {
    for (const [i, path] of queue) {
      const info = await stat(path).catch(() => undefined)
      out[i] = { path, name: nameOf(path), bytes: info?.size ?? 0, modified: info?.mtimeMs ?? 0 }
    }
  }
  await Promise.all(Array.from({ length: Math.min(ASKED, paths.length) }, lane))
  return out
}

/** A slice is read by one thread, and its last batch ends with it. */
const SLICE_FILES = 32
const SLICE_BYTES = 96 << 20

/**
 * Files in slices of consecutive ones. Where a slice ends depends on the files alone, so that the batches of the output
 * are the same however many threads read them.
 */
export function sliceFiles(files: readonly SourceFile[]): SourceFile[][] {
  const slices: SourceFile[][] = []
  let slice: SourceFile[] = []
  let bytes = 0
  for (const file of files) {
    if (slice.length > 0 && (slice.length === SLICE_FILES || bytes + file.bytes > SLICE_BYTES)) {
      slices.push(slice)
      slice = []
      bytes = 0
    }
    slice.push(file)
    bytes += file.bytes
  }
  return slice.length === 0 ? slices : [...slices, slice]
}

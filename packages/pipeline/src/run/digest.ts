import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

/** A file as it was when it was read. */
export interface FileDigest {
  readonly path: string
  readonly bytes: number
  readonly modified: number
  readonly sha256: string
}

/**
 * SHA-256 of a file's content, with size and time.
 *
 * @param known An earlier digest of the same path: taken over when size and time have not changed, so that a second
 * run does not read a survey again to find nothing to do.
 */
export async function digestFile(path: string, known?: FileDigest): Promise<FileDigest> {
  const { size, mtimeMs } = await stat(path)
  if (known !== undefined && known.path === path && known.bytes === size && known.modified === mtimeMs) return known
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array)
  return { path, bytes: size, modified: mtimeMs, sha256: hash.digest('hex') }
}

/** Files open at a time: a survey has more of them than a process may open. */
const OPEN_FILES = 32

/** {@link digestFile} of many files, in their order; `known` are earlier digests of any of them. */
export async function digestFiles(paths: readonly string[], known: readonly FileDigest[] = []): Promise<FileDigest[]> {
  const before = new Map(known.map((digest) => [digest.path, digest]))
  const digests: FileDigest[] = []
  const queue = paths.entries()
  const lane = async (): Promise<void> => {
    for (const [i, path] of queue) digests[i] = await digestFile(path, before.get(path))
  }
  await Promise.all(Array.from({ length: Math.min(OPEN_FILES, paths.length) }, lane))
  return digests
}

/** SHA-256 of plain data, the same whatever the order of keys. */
export function digestJson(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

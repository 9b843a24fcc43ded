import { open, rename, rm } from 'node:fs/promises'

/**
 * Write a file piece by piece, aside, and give it its name when it is whole.
 *
 * @throws what the iteration throws, leaving what was at `path` before.
 */
export async function writeChunks(path: string, chunks: AsyncIterable<string> | Iterable<string>): Promise<void> {
  const aside = `${path}.${process.pid}.part`
  const file = await open(aside, 'w')
  try {
    for await (const chunk of chunks) await file.writeFile(chunk)
    await file.close()
    await rename(aside, path)
  } finally {
    // Closing a file again does nothing.
    await file.close()
    await rm(aside, { force: true })
  }
}

import { randomUUID } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Writes a file aside, syncs it and renames it into place: at `path` there is the whole new file or what was there
 * before, also after a power cut. A link stays one, its target is replaced; permissions stay. Where `write` fails,
 * nothing is left behind.
 */
export async function writeAside(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const target = await realpath(path).catch(() => path)
  const mode = await stat(target).then(
    (info) => info.mode,
    () => undefined,
  )
  const aside = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`)
  const file = await open(aside, 'wx+')
  try {
    try {
      await write(file)
      if (mode !== undefined) await file.chmod(mode)
      // The rename must not reach the disk before the bytes do.
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(aside, target)
  } catch (error) {
    await unlink(aside).catch(() => undefined)
    throw error
  }
  await syncFolder(dirname(target))
}

/** Makes a rename last; where a platform does not open folders, it does so by itself. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}

import { OnesSum } from '../checksum/ones-sum.js'
import { padToBlock } from '../header/card.js'
import type { Hdu } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import type { ByteSource } from '../source/byte-source.js'
import { readExactly } from '../source/byte-source.js'
import { writeAside } from '../write/write-aside.node.js'
import { writeAt } from '../write/write-at.node.js'
import { copyBytes } from './copy-bytes.node.js'
import type { HeaderChanges } from './edit-header.js'
import { editHeader } from './edit-header.js'
import { openToChange } from './open-to-change.node.js'
import { datasumIn, isSealed, latin1Bytes, latin1Text, sealHeader } from './seal-header.js'

export interface UpdateOptions {
  /**
   * Write the whole file aside and rename it, also where the header has room for the changes: slower by the length of
   * the file, and whole even where the power fails in the middle of the write. Default false.
   */
  readonly rewrite?: boolean
  readonly signal?: AbortSignal
}

const READ_BYTES = 1024 * 1024

/**
 * Changes keywords of an HDU, by its place or name. Where the header takes no more blocks than before (blank cards are
 * room), the bytes that differ are written in place by one write, and synced; otherwise the file is written aside and
 * renamed. CHECKSUM stays right where there is one: DATASUM is trusted, so that damaged data stay known as damaged.
 * Says whether it was done in place. Fails with `fits/bad-input`, `fits/no-hdu`, `fits/unsupported` where the file is
 * packed, or the file system's own error; the file is as it was then.
 */
export async function updateHeader(
  path: string,
  hdu: string | number,
  changes: HeaderChanges,
  options: UpdateOptions = {},
): Promise<{ readonly inPlace: boolean }> {
  return openToChange(path, async ({ handle, source, file }) => {
    const target = file.hdu(hdu)
    const old = await readExactly(source, target.headerOffset, target.dataOffset - target.headerOffset, 'header')
    const edited = editHeader(latin1Text(old), changes, hduLabel(target))
    const header = latin1Bytes(isSealed(edited) ? sealHeader(edited, await datasumOf(source, target, edited)) : edited)
    options.signal?.throwIfAborted()
    const inPlace = header.length === old.length && options.rewrite !== true
    if (!inPlace) {
      await rewrite(path, source, target, header, options.signal)
      return { inPlace }
    }
    const { start, end } = differingSpan(old, header)
    if (end > start) {
      await writeAt(handle, header.subarray(start, end), target.headerOffset + start)
      await handle.sync()
    }
    return { inPlace }
  })
}

/** Writes the file aside with another header. */
async function rewrite(
  path: string,
  source: ByteSource,
  target: Hdu,
  header: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  await writeAside(path, async (aside) => {
    await copyBytes(source, aside, [0, target.headerOffset], { signal })
    await aside.writeFile(header)
    await copyBytes(source, aside, [target.dataOffset, source.size], { signal })
  })
}

async function datasumOf(source: ByteSource, target: Hdu, header: string): Promise<number> {
  const given = datasumIn(header)
  if (typeof given === 'number') return given
  const sum = new OnesSum()
  const end = Math.min(source.size, target.dataOffset + padToBlock(target.dataSize))
  for (let at = target.dataOffset; at < end; at += READ_BYTES) {
    sum.add(await source.read(at, Math.min(READ_BYTES, end - at)))
  }
  return sum.value
}

function differingSpan(a: Uint8Array, b: Uint8Array): { start: number; end: number } {
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = a.length
  while (end > start && a[end - 1] === b[end - 1]) end--
  return { start, end }
}

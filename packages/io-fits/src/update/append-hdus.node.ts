import { FitsError } from '../fits-error.js'
import { BLOCK_BYTES, padToBlock } from '../header/card.js'
import type { Hdu } from '../read/hdu.js'
import { hduLabel } from '../read/hdu.js'
import type { ByteSource } from '../source/byte-source.js'
import type { EncodeOptions } from '../write/encode-fits.js'
import { encodeExtensions } from '../write/encode-fits.js'
import type { HduInput } from '../write/hdu-input.js'
import { writeAt } from '../write/write-at.node.js'
import type { OpenedToChange } from './open-to-change.node.js'
import { openToChange } from './open-to-change.node.js'

/**
 * Adds HDUs behind those of a file; what is there is not read or copied. All new bytes but the first block are written
 * and synced first, that block last: until it is there, readers see the old HDUs and take no notice of what follows.
 * So the file is whole at every moment, also where the program is killed; the next append overwrites what was left.
 * One program may write at a time. Fails with `fits/bad-input`, `fits/truncated` where the last HDU is cut short,
 * `fits/unsupported` where the file is packed or has other bytes behind its last HDU, the file system's own error, or the
 * signal's reason; the file has its old length then.
 */
export async function appendHdus(
  path: string,
  hdus: readonly HduInput[],
  options: EncodeOptions & { readonly signal?: AbortSignal } = {},
): Promise<void> {
  const encoded = encodeExtensions(hdus, options)
  if (encoded.length === 0) return
  await openToChange(path, async (opened) => {
    const end = await endOfHdus(opened)
    const { handle, source } = opened
    try {
      // What an append that was killed has left goes.
      if (source.size > end) await handle.truncate(end)
      let first: Uint8Array | undefined
      let at = end
      for (const hdu of encoded) {
        for (const chunk of hdu.chunks()) {
          options.signal?.throwIfAborted()
          const held = first === undefined ? BLOCK_BYTES : 0
          first ??= chunk.subarray(0, held)
          await writeAt(handle, chunk.subarray(held), at + held)
          at += chunk.length
        }
      }
      await handle.sync()
      await writeAt(handle, first as Uint8Array, end)
      await handle.sync()
    } catch (error) {
      await handle.truncate(Math.min(source.size, end))
      throw error
    }
  })
}

/** Where the next HDU goes. */
async function endOfHdus({ file, source }: OpenedToChange): Promise<number> {
  const last = file.hdus.at(-1) as Hdu
  const dataEnd = last.dataOffset + last.dataSize
  if (dataEnd > source.size) {
    throw new FitsError('fits/truncated', `nothing can go behind ${hduLabel(last)}, which is cut short`, {
      got: `${source.size} bytes`,
      expected: `${dataEnd} bytes`,
      remedy: 'Fetch the file again.',
    })
  }
  const end = last.dataOffset + padToBlock(last.dataSize)
  if (await isBlank(source, end)) return end
  throw new FitsError('fits/unsupported', `nothing can go behind ${hduLabel(last)}: other bytes follow it`, {
    got: `${source.size - end} bytes that are no FITS extension`,
    expected: 'the end of the file',
    remedy: `Cut the file after ${end} bytes if they mean nothing, or write it anew.`,
  })
}

/** Whether nothing follows, or a block of zeros: what an append that was killed leaves. */
async function isBlank(source: ByteSource, end: number): Promise<boolean> {
  if (source.size <= end) return true
  const block = await source.read(end, BLOCK_BYTES)
  return block.every((byte) => byte === 0)
}

import { padToBlock } from '../header/card.js'
import type { Header } from '../header/header.js'
import { requireBytes } from '../read/check-bytes.js'
import type { ReadControl } from '../read/hdu.js'
import { readChunks } from '../read/read-chunks.js'
import type { ByteSource } from '../source/byte-source.js'
import { addSums, OnesSum } from './ones-sum.js'

/** What a checksum keyword says of the bytes: `absent` where there is none, or an empty one. */
export type ChecksumState = 'ok' | 'bad' | 'absent'

/** Of the whole HDU (CHECKSUM) and of its data (DATASUM). */
export interface HduChecksums {
  readonly checksum: ChecksumState
  readonly datasum: ChecksumState
}

export interface HduSpan {
  readonly label: string
  readonly header: Header
  readonly headerOffset: number
  readonly dataOffset: number
  readonly dataSize: number
}

const CHUNK_BYTES = 1024 * 1024
const ALL_ONES = 2 ** 32 - 1

/** Compares an HDU with its CHECKSUM and DATASUM; reads nothing where it has neither. Fails with `fits/truncated`. */
export async function verifyHdu(source: ByteSource, hdu: HduSpan, control: ReadControl): Promise<HduChecksums> {
  const { header, headerOffset, dataOffset, dataSize, label } = hdu
  const wanted = datasumOf(header)
  const sealed = (header.getString('CHECKSUM') ?? '').trim() !== ''
  if (wanted === undefined && !sealed) return { checksum: 'absent', datasum: 'absent' }

  requireBytes(source.size, label, dataOffset, dataSize)
  // Where the file ends early in the padding, the zeros that are missing would add nothing.
  const padded = Math.min(padToBlock(dataSize), source.size - dataOffset)
  const data = await sumOf(source, dataOffset, padded, label, control)
  const datasum = wanted === undefined ? 'absent' : wanted === data ? 'ok' : 'bad'
  if (!sealed) return { checksum: 'absent', datasum }
  const head = await sumOf(source, headerOffset, dataOffset - headerOffset, label, { signal: control.signal })
  const sum = addSums(head, data)
  return { checksum: sum === ALL_ONES || sum === 0 ? 'ok' : 'bad', datasum }
}

/** DATASUM, a decimal number in a string; NaN where it is something else. */
function datasumOf(header: Header): number | undefined {
  const text = String(header.get('DATASUM') ?? '').trim()
  if (text === '') return undefined
  return /^\d+$/.test(text) ? Number(text) : NaN
}

async function sumOf(
  source: ByteSource,
  offset: number,
  length: number,
  label: string,
  control: { readonly signal?: AbortSignal | undefined; readonly onProgress?: ReadControl['onProgress'] | undefined },
): Promise<number> {
  const sum = new OnesSum()
  if (length <= 0) return 0
  const { signal, onProgress } = control
  const span = { offset, length, step: CHUNK_BYTES, label }
  const reading = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) }
  await readChunks(source, span, reading, (view) => {
    sum.add(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
  })
  return sum.value
}

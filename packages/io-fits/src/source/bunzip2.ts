import { Bzip2Bits } from './bzip2-bits.js'
import { Bzip2Block } from './bzip2-block.js'
import { readBzip2Symbols } from './bzip2-symbols.js'

/*
 * bzip2 by our own hand: of the libraries there are, seek-bzip makes deprecated Buffers and wants commander,
 * unbzip2-stream brings a Buffer shim and Node's streams into the browser, bz2 reads one stream only, checks nothing
 * unless asked, writes to `window` and has no bound on what it allocates.
 */

// pi and sqrt(pi) in decimal digits, as hexadecimal ones: the marks of a block and of a stream's end.
const BLOCK_MARK = [0x314159, 0x265359] as const
const END_MARK = [0x177245, 0x385090] as const
const LEVEL_BYTES = 100_000
const CHUNK_BYTES = 256 * 1024

/** True when the bytes start as a bzip2 stream does. */
export function isBzip2(bytes: Uint8Array): boolean {
  const level = bytes[3] ?? 0
  return bytes[0] === 0x42 && bytes[1] === 0x5a && bytes[2] === 0x68 && level >= 0x31 && level <= 0x39
}

/**
 * Unpacks a bzip2 file chunk by chunk: its streams one after another, every block checked by its CRC; what follows the
 * last stream is ignored, as `bunzip2` does. Fails with an `Error` that says what is wrong with it.
 * Memory: 4.5 MB and a chunk.
 */
export function* bunzip2(packed: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; isBzip2(packed.subarray(at, at + 4));) {
    const bits = new Bzip2Bits(packed, at + 4)
    const block = new Bzip2Block(((packed[at + 3] as number) - 0x30) * LEVEL_BYTES)
    let streamCrc = 0
    for (;;) {
      const mark = [bits.take(24), bits.take(24)]
      const crc = ((bits.take(16) << 16) | bits.take(16)) >>> 0
      if (mark[0] === END_MARK[0] && mark[1] === END_MARK[1]) {
        if (crc !== streamCrc) throw new Error(`a stream whose CRC is ${streamCrc}, not ${crc}`)
        break
      }
      if (mark[0] !== BLOCK_MARK[0] || mark[1] !== BLOCK_MARK[1]) {
        throw new Error(`neither a block nor the end of a stream before byte ${bits.byteOffset}`)
      }
      readBzip2Symbols(bits, block)
      for (;;) {
        const out = new Uint8Array(CHUNK_BYTES)
        const size = block.take(out)
        if (size === 0) break
        yield out.subarray(0, size)
      }
      if (block.crc !== crc)
        throw new Error(`a block whose CRC is ${block.crc}, not ${crc}, before byte ${bits.byteOffset}`)
      streamCrc = (((streamCrc << 1) | (streamCrc >>> 31)) ^ crc) >>> 0
    }
    at = bits.byteOffset
  }
}

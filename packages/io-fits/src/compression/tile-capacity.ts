import type { CompressedLayout } from './compressed-layout.js'
import { riceLeastBytes } from './rice.js'
import type { TilePlace } from './tile-index.js'

// Deflate cannot do better than 1032:1.
const MAX_DEFLATE_RATIO = 1032
// Runs of one value cost HCOMPRESS_1 and PLIO_1 next to nothing: this is what an honest file may claim for a byte, and
// what any may claim in all.
const MAX_PIXELS_PER_BYTE = 16_384
const MAX_FREE_PIXELS = 1 << 24

/** Whether a tile of so many pixels can come out of so many bytes; asked before memory for it is taken. */
export function canHold(layout: CompressedLayout, place: TilePlace, bytes: number, pixels: number): boolean {
  if (place === 'uncompressed') return bytes >= pixels
  if (place === 'gzipped') return bytes * MAX_DEFLATE_RATIO >= pixels
  switch (layout.algorithm) {
    case 'RICE_1':
      return bytes >= riceLeastBytes(pixels, layout.rice.blockSize, layout.rice.bytePix)
    case 'NOCOMPRESS':
      return bytes >= pixels
    case 'GZIP_1':
    case 'GZIP_2':
      return bytes * MAX_DEFLATE_RATIO >= pixels
    case 'PLIO_1':
    case 'HCOMPRESS_1':
      return pixels <= MAX_FREE_PIXELS + bytes * MAX_PIXELS_PER_BYTE
  }
}

/** Whether `pixels` in all can come out of `bytes` in all. */
export function canHoldAll(bytes: number, pixels: number): boolean {
  return pixels <= MAX_FREE_PIXELS + bytes * MAX_PIXELS_PER_BYTE
}

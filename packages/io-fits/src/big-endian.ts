/*
 * FITS numbers are big-endian and lie at any byte. All loops here but one go through DataView: V8 turns its getters into one
 * load and one byte swap, which runs at 3-13 GB/s and beats swapping by hand, and needs no alignment.
 * Strided: `cells` cells, `stride` bytes apart, of `count` values each; values are packed on the side of the typed array.
 * Cells side by side may lie in the memory of the typed array itself, each value in its own place.
 * `flip` is XORed on each raw value: the sign bit for unsigned-by-offset integers (BZERO 2^15, …), else 0.
 */

/** Where the high half of a 64-bit value lies in a Uint32Array of this machine. */
const HIGH: 0 | 1 = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0
const LOW: 0 | 1 = HIGH === 1 ? 0 : 1

/** Cells of raw bytes in a buffer. */
export interface CellLayout {
  /** Byte offset of the first cell in the view. */
  readonly offset: number
  /** Bytes from one cell to the next. */
  readonly stride: number
  readonly cells: number
  /** Values in a cell. */
  readonly count: number
}

/** Gathers bytes into `out` from index `at`. */
export function gather1(view: DataView, layout: CellLayout, out: Uint8Array, at: number, flip: number): void {
  const { stride, cells, count } = layout
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  if (flip === 0 && (stride === count || count >= 64)) {
    const run = stride === count ? cells * count : count
    for (let done = 0, p = layout.offset; done < cells * count; done += run, p += stride) {
      out.set(bytes.subarray(p, p + run), at + done)
    }
    return
  }
  let to = at
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    for (let p = start; p < start + count; p++) out[to++] = (bytes[p] as number) ^ flip
  }
}

/** Gathers 2-byte values into `out` from index `at`. */
export function gather2(view: DataView, layout: CellLayout, out: Uint16Array, at: number, flip: number): void {
  const { stride, cells, count } = layout
  let to = at
  if (stride === count * 2 || cells === 1) {
    const pairs = swapPairs(view, layout.offset, cells * count, out, at, flip)
    let p = layout.offset + pairs * 4
    for (to += pairs * 2; to < at + cells * count; p += 2) out[to++] = view.getUint16(p) ^ flip
    return
  }
  if (count === 1) {
    for (let p = layout.offset; to < at + cells; p += stride) out[to++] = view.getUint16(p) ^ flip
    return
  }
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    const end = start + count * 2
    for (let p = start; p < end; p += 2) out[to++] = view.getUint16(p) ^ flip
  }
}

/**
 * Turns values that lie side by side round two at a time, which takes half the time; gives the number of pairs, 0 where
 * they do not lie on whole words or this machine is big-endian.
 */
function swapPairs(view: DataView, offset: number, length: number, out: Uint16Array, at: number, flip: number): number {
  const from = view.byteOffset + offset
  const to = out.byteOffset + at * 2
  if (HIGH === 0 || from % 4 !== 0 || to % 4 !== 0) return 0
  const pairs = length >> 1
  const words = new Int32Array(view.buffer, from, pairs)
  const turned = new Int32Array(out.buffer, to, pairs)
  const flips = (flip << 16) | flip
  for (let i = 0; i < pairs; i++) {
    const word = words[i] as number
    turned[i] = (((word & 0x00ff00ff) << 8) | ((word >>> 8) & 0x00ff00ff)) ^ flips
  }
  return pairs
}

/** Gathers 4-byte values into `out` from index `at`; floats come as their bits, so that no NaN changes. */
export function gather4(view: DataView, layout: CellLayout, out: Uint32Array, at: number, flip: number): void {
  const { stride, cells, count } = layout
  let to = at
  if (count === 1) {
    for (let p = layout.offset; to < at + cells; p += stride) out[to++] = view.getUint32(p) ^ flip
    return
  }
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    const end = start + count * 4
    for (let p = start; p < end; p += 4) out[to++] = view.getUint32(p) ^ flip
  }
}

/** Gathers 8-byte values into `out`, the halves of each value as two elements, from value `at`. */
export function gather8(view: DataView, layout: CellLayout, out: Uint32Array, at: number, flip: number): void {
  const { stride, cells, count } = layout
  let to = at * 2
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    const end = start + count * 8
    for (let p = start; p < end; p += 8, to += 2) {
      // Both halves before either goes: an image is turned round in its own memory.
      const high = view.getUint32(p) ^ flip
      const low = view.getUint32(p + 4)
      out[to + HIGH] = high
      out[to + LOW] = low
    }
  }
}

/** The inverse of `gather1`. */
export function scatter1(from: Uint8Array, at: number, view: DataView, layout: CellLayout, flip: number): void {
  const { stride, cells, count } = layout
  let i = at
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    for (let p = start; p < start + count; p++) view.setUint8(p, (from[i++] as number) ^ flip)
  }
}

/** The inverse of `gather2`. */
export function scatter2(from: Uint16Array, at: number, view: DataView, layout: CellLayout, flip: number): void {
  const { stride, cells, count } = layout
  let i = at
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    const end = start + count * 2
    for (let p = start; p < end; p += 2) view.setUint16(p, (from[i++] as number) ^ flip)
  }
}

/** The inverse of `gather4`. */
export function scatter4(from: Uint32Array, at: number, view: DataView, layout: CellLayout, flip: number): void {
  const { stride, cells, count } = layout
  let i = at
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    const end = start + count * 4
    for (let p = start; p < end; p += 4) view.setUint32(p, (from[i++] as number) ^ flip)
  }
}

/** The inverse of `gather8`. */
export function scatter8(from: Uint32Array, at: number, view: DataView, layout: CellLayout, flip: number): void {
  const { stride, cells, count } = layout
  let i = at * 2
  for (let cell = 0, start = layout.offset; cell < cells; cell++, start += stride) {
    const end = start + count * 8
    for (let p = start; p < end; p += 8, i += 2) {
      view.setUint32(p, (from[i + HIGH] as number) ^ flip)
      view.setUint32(p + 4, from[i + LOW] as number)
    }
  }
}

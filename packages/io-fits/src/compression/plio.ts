import { TileError } from './bad-tile.js'

/**
 * Decodes `length` values of PLIO_1 (FITS 4.0, section 10.4.3: IRAF pixel lists) into `out` from its start. The bytes
 * are big-endian 16-bit words. Fails with a `TileError` where the line list is not one.
 */
export function decodePlio(bytes: Uint8Array, length: number, out: Int32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const there = bytes.length >> 1
  if (there < 3) throw new TileError('a PLIO_1 tile has no header', `${there} words`, 'at least 3 words')
  const word = (index: number): number => view.getInt16(index * 2)
  // The third word is the length of lists in the old form; the new one has a longer header and a length of two words.
  const old = word(2) > 0
  if (!old && there < 5) throw new TileError('a PLIO_1 tile has no header', `${there} words`, 'at least 5 words')
  const words = old ? word(2) : word(4) * 32768 + word(3)
  const first = old ? 3 : word(1)
  if (words > there || words < 0 || first < 0) {
    throw new TileError('a PLIO_1 tile ends early', `${there} words`, `${words} words`)
  }
  let at = 0
  let value = 1
  for (let i = first; i < words && at < length; i++) {
    const code = word(i)
    const operand = code & 0xfff
    const opcode = code >> 12
    switch (opcode) {
      case 0:
      case 4:
      case 5: {
        const stop = at + operand
        out.fill(opcode === 4 ? value : 0, at, Math.min(stop, length))
        if (opcode === 5 && operand > 0 && stop <= length) out[stop - 1] = value
        at = stop
        break
      }
      case 1:
        i++
        if (i >= words) throw new TileError('a PLIO_1 tile ends early', `${words} words`, 'one word more')
        value = (word(i) << 12) + operand
        break
      case 2:
        value += operand
        break
      case 3:
        value -= operand
        break
      case 6:
      case 7:
        value += opcode === 6 ? operand : -operand
        out[at++] = value
        break
      default:
        throw new TileError('a PLIO_1 tile has an unknown instruction', opcode, '0 to 7')
    }
  }
  if (at < length) out.fill(0, at, length)
}

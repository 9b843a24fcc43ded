import type { Spectra } from '@astrolabel/spectra'
import { RandomStream, crc32 } from '@astrolabel/spectra'

/** Gives each kind of change of each copy of each star a random stream of its own. */
export type CopyStreams = (kind: string) => RandomStream

const encoder = new TextEncoder()

/**
 * The streams of a copy. They depend on the seed, the star, its spectrum and the number of the copy alone, so neither on
 * how stars are put into batches nor on what else is done to them; two spectra of one star get different ones.
 *
 * @param copy from 1.
 */
export function copyStreams({ starId, flux, nPix }: Spectra, row: number, copy: number, seed: number): CopyStreams {
  const pixels = flux.subarray(row * nPix, (row + 1) * nPix)
  const spectrum = crc32(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
  const star = crc32(encoder.encode(`${seed}/${starId[row]!}/${copy}`), spectrum)
  return (kind) => RandomStream.fromSeed(mixed(crc32(encoder.encode(kind), star)))
}

/** Spread a check sum over all bits: those of similar texts differ in few (the finish of MurmurHash3). */
function mixed(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

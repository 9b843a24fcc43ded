import { detectGrid, pixelCount, wavelengths } from '@astrolabel/spectra'
import type { Medium, Spectra, SpectraMeta } from '@astrolabel/spectra'

/** How many pixels the spectra of a file have, for surveys whose files have wavelengths of their own. */
export interface OwnExtent {
  /** 0 for a file that is left out. */
  readonly pixels: number
  /** The same for files whose wavelengths are the same, to the last bit. */
  readonly wave: string
  readonly release: string
}

/** What {@link OwnExtent} says of wavelengths, Å, strictly ascending. */
export function extentOfWave(wave: Float64Array, medium: Medium, release: string): OwnExtent {
  // By the grid that a reader makes of them, which may be tidier than what the file says.
  return { pixels: wave.length, wave: digestOf(wavelengths(detectGrid(wave, medium))), release }
}

/**
 * Metadata under which files with wavelengths of their own lie in one file: their longest row, all their releases.
 *
 * @param wave Whether the spectra that the metadata are of carry their wavelengths already.
 * @returns also whether the rows must carry them.
 */
export function widenOwn(
  meta: SpectraMeta,
  wave: boolean,
  extents: readonly OwnExtent[],
): { readonly meta: SpectraMeta; readonly wave: boolean } {
  const there = extents.filter(({ pixels }) => pixels > 0)
  const words = new Set([meta.release, ...there.map(({ release }) => release)].flatMap((text) => text.split(', ')))
  const release = [...words]
    .filter((word) => word !== '')
    .sort()
    .join(', ')
  const grid = meta.wavelength
  if (grid.kind === 'segmented') return { meta, wave }
  const own = wavelengths(grid)
  const same = digestOf(own)
  if (!wave && there.every((extent) => extent.wave === same)) return { meta: { ...meta, release }, wave }
  const nPix = there.reduce((most, { pixels }) => Math.max(most, pixels), own.length)
  return { meta: { ...meta, release, wavelength: detectGrid(padWave(own, nPix), grid.medium) }, wave: true }
}

/**
 * Spectra with their wavelengths in each row, and rows as long as the metadata say: the pixels added have ivar 0.
 *
 * @param meta Has at least as many pixels as the spectra.
 */
export function padOwn(spectra: Spectra, meta: SpectraMeta): Spectra {
  const { n, nPix, wave } = spectra
  const grid = spectra.meta.wavelength
  const length = pixelCount(meta)
  const shared = wave === undefined && grid.kind !== 'segmented' ? wavelengths(grid) : undefined
  const waves = new Float64Array(n * length)
  for (let i = 0; i < n; i++) waves.set(padWave(shared ?? wave!.subarray(i * nPix, (i + 1) * nPix), length), i * length)
  const place = (matrix: Float32Array): Float32Array => {
    if (length === nPix) return matrix
    const out = new Float32Array(n * length)
    for (let i = 0; i < n; i++) out.set(matrix.subarray(i * nPix, (i + 1) * nPix), i * length)
    return out
  }
  return { ...spectra, meta, nPix: length, flux: place(spectra.flux), ivar: place(spectra.ivar), wave: waves }
}

/** Wavelengths must ascend to the end of the row, also where there is nothing: a hundredth of an Å a pixel. */
export function padWave(wave: Float64Array, nPix: number): Float64Array {
  const last = wave.at(-1) ?? 0
  return Float64Array.from({ length: nPix }, (_, i) => wave[i] ?? last + 0.01 * (i - wave.length + 1))
}

/** FNV-1a over 32-bit words, twice with different bases: 64 bits tell the grids of some thousand models apart. */
function digestOf(wave: Float64Array): string {
  const words = new Uint32Array(wave.buffer, wave.byteOffset, wave.length * 2)
  let a = 0x811c9dc5
  let b = 0x9747b28c
  for (const word of words) {
    a = Math.imul(a ^ word, 0x01000193)
    b = Math.imul(b ^ word, 0x01000193) ^ (a >>> 15)
  }
  return `${wave.length}-${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}`
}

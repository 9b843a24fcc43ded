import { AstrolabelError } from '@astrolabel/spectra'

/** Wavelengths to read, Å, both ends included. */
export type WaveWindow = readonly [low: number, high: number]

/**
 * The pixels within a window.
 *
 * @param wave (nPix) Å, ascending. @param window All pixels when undefined.
 * @returns `start` up to, not including, `end`.
 * @throws `surveys/options` when the window is not one, or holds no pixel, telling the range there is.
 */
export function pixelsIn(wave: Float64Array, window: WaveWindow | undefined): [start: number, end: number] {
  if (window === undefined) return [0, wave.length]
  const [low, high] = window
  const start = wave.findIndex((value) => value >= low)
  const last = wave.findLastIndex((value) => value <= high)
  if (low < high && start >= 0 && last >= start) return [start, last + 1]
  throw new AstrolabelError('surveys/options', 'The window holds no pixels', {
    got: `${low} to ${high} Å`,
    expected: `a part of ${wave[0]} to ${wave.at(-1)} Å`,
    remedy: 'Give window=[low,high] in Å',
  })
}

/**
 * Colours of all figures and the report.
 *
 * Figures are drawn on nothing and their text in the current colour, so that one SVG reads on a light and on a dark
 * page: every colour here has a contrast of 3 or more with both of the report's backgrounds, and the series can be
 * told apart with any of the common colour blindnesses (after Paul Tol's bright scheme).
 */
export const palette: {
  readonly data: string
  readonly model: string
  readonly good: string
  readonly muted: string
  readonly series: readonly string[]
  readonly sequence: readonly string[]
  readonly light: { readonly page: string; readonly text: string }
  readonly dark: { readonly page: string; readonly text: string }
} = {
  /** Points and spectra. */
  data: '#4477aa',
  /** Models, reference curves, medians. */
  model: '#d55e00',
  good: '#0b9a6f',
  /** What is bad, missing or out of the picture. */
  muted: '#858585',
  /** Several things side by side, in this order. */
  series: ['#4477aa', '#d55e00', '#0b9a6f', '#aa4499', '#2b93c4', '#92831c'],
  /** Low to high: from blue to orange through magenta, as plasma runs, without its ends that vanish on a page. */
  sequence: ['#3a6fd8', '#7b5fd0', '#b5509f', '#d9604f', '#e08a2e'],
  light: { page: '#ffffff', text: '#1b1f24' },
  dark: { page: '#14171c', text: '#e4e6ea' },
}

/** The colour at `t` from 0 to 1 of the sequence, as `#rrggbb`. */
export function sequenceColor(t: number): string {
  const { sequence } = palette
  const at = Math.min(1, Math.max(0, t)) * (sequence.length - 1)
  const below = Math.min(sequence.length - 2, Math.floor(at))
  const channel = (color: string, k: number): number => Number.parseInt(color.slice(1 + 2 * k, 3 + 2 * k), 16)
  const mixed = [0, 1, 2].map((k) => {
    const a = channel(sequence[below]!, k)
    return Math.round(a + (at - below) * (channel(sequence[below + 1]!, k) - a))
  })
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

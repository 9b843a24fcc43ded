import { formatDecimals } from './format-number.js'

/** A position on an axis and what is written there; minor ticks have no text. */
export interface Tick {
  readonly value: number
  readonly text: string
}

/**
 * About `count` round values (1, 2 or 5 × 10^k apart) from `low` to `high`; none where doubles are too coarse to tell
 * them apart.
 */
export function linearTicks(low: number, high: number, count: number): Tick[] {
  const rough = (high - low) / Math.max(1, count)
  const size = Math.max(Math.abs(low), Math.abs(high))
  if (!(rough > 1e-12 * size) || rough < 1e-290 || !Number.isFinite(rough)) return []
  const power = Math.floor(Math.log10(rough))
  const excess = rough / 10 ** power
  // Geometric means of 1, 2, 5, 10: the step nearest in ratio.
  const factor = excess >= Math.sqrt(50) ? 10 : excess >= Math.sqrt(10) ? 5 : excess >= Math.SQRT2 ? 2 : 1
  const exponent = factor === 10 ? power + 1 : power
  const digits = factor === 10 ? 1 : factor
  // Dividing by a whole number gives 0.3, where multiplying by 0.1 would give 0.30000000000000004. Adding 0 makes −0 a 0.
  const at = (i: number): number => (exponent < 0 ? (i * digits) / 10 ** -exponent : i * digits * 10 ** exponent) + 0
  const step = at(1)
  const text = (value: number): string =>
    size >= 1e7 || exponent < -6 ? formatPower(value) : formatDecimals(value, -exponent)
  const ticks: Tick[] = []
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++)
    ticks.push({ value: at(i), text: text(at(i)) })
  return ticks
}

/** Such as `2.5e8`, for axes whose plain numbers would be long. */
function formatPower(value: number): string {
  const [mantissa, exponent] = Number(value.toPrecision(13)).toExponential().split('e')
  return value === 0 ? '0' : `${mantissa}e${exponent!.replace('+', '')}`.replaceAll('-', '−')
}

/** Ticks at 1, 2 and 5 × 10^k, or at powers of ten over three decades and more. None unless both ends are above 0. */
export function logTicks(low: number, high: number, count: number): Tick[] {
  if (!(low > 0 && high < Infinity)) return []
  const decades = Math.log10(high / low)
  const factors = decades >= 3 ? [1] : [1, 2, 5]
  const every = Math.max(1, Math.ceil(decades / Math.max(1, count)))
  const ticks: Tick[] = []
  for (let k = Math.floor(Math.log10(low)); k <= Math.ceil(Math.log10(high)); k++) {
    if (k % every !== 0) continue
    for (const factor of factors) {
      const value = Number(`${factor}e${k}`)
      if (value >= low && value <= high)
        ticks.push({ value, text: Math.abs(k) > 6 ? formatPower(value) : formatDecimals(value, -k) })
    }
  }
  return ticks.length >= 2 ? ticks : linearTicks(low, high, count)
}

/** A number with a fixed count of decimals and a true minus sign; `–` when it is not finite. */
export function formatDecimals(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return '–'
  const text = value.toFixed(Math.min(20, Math.max(0, decimals)))
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−')
}

/** Decimals that show three significant digits of `scale`, two below 0.1: 74.3 has 1, 0.154 and 0.054 have 3, 1200 has none. */
export function decimalsFor(scale: number): number {
  if (!Number.isFinite(scale) || scale === 0) return 2
  const digits = Math.abs(scale) < 0.1 ? 1 : 2
  return Math.max(0, digits - Math.floor(Math.log10(Math.abs(scale))))
}

/** A number to three significant digits (two below 0.1, with a power of ten below 0.0001). */
export function formatSignificant(value: number): string {
  if (Math.abs(value) === Infinity) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  if (size > 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(1).replaceAll('-', '−')
  return formatDecimals(value, decimalsFor(value))
}

/** A coordinate in a path: tenths of a pixel are finer than anyone sees and keep files small. */
export function pixel(value: number): string {
  return String(Math.round(value * 10) / 10)
}

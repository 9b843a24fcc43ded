/** A value in the usual digits of its unit, with the unit: kelvins to one decimal, everything else to three. */
export function quantityText(value: number, unit: string): string {
  if (!Number.isFinite(value)) return 'unknown'
  if (unit === 'K') return `${value.toFixed(1)} K`
  return `${value.toFixed(3)}${unit.startsWith('dex') ? ' dex' : unit === '' ? '' : ` ${unit}`}`
}

/** A p-value as it is written: `p = 0.012`, `p < 0.0001`. */
export function pText(p: number): string {
  return p < 1e-4 ? 'p < 0.0001' : `p = ${p.toPrecision(2)}`
}

/** A share in whole per cent. */
export function percentText(share: number): string {
  return `${Math.round(100 * share)} %`
}

/** A number as a sentence says it: three digits, and no more zeros than it needs. */
export function say(value: number): string {
  if (!Number.isFinite(value)) return 'unknown'
  return String(Number(Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(2)))
}

/** A number that JSON can carry: it has neither NaN nor ∞, which become null. */
export function orNull(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}

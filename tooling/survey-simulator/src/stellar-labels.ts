import type { ElementSymbol } from './elements.js'
import { elements } from './elements.js'

/** What the line model takes of a star. */
export interface StellarLabels {
  /** Effective temperature, K. */
  readonly teff: number
  /** log10 of the surface gravity, cm s⁻². */
  readonly logg: number
  /** [Fe/H], dex. */
  readonly fe_h: number
  /** [Mg/Fe], dex. */
  readonly mg_fe: number
  /** [O, Si, S, Ca, Ti / Fe], dex (default 0.7 · mg_fe, as in stars of the Galactic discs and halo). */
  readonly alpha_fe?: number
}

/** n_X / n_H of every element at these labels. */
export function abundances(labels: StellarLabels): Record<ElementSymbol, number> {
  const { fe_h, mg_fe, alpha_fe = 0.7 * mg_fe } = labels
  const offset = { iron: fe_h, magnesium: fe_h + mg_fe, alpha: fe_h + alpha_fe }
  const result = {} as Record<ElementSymbol, number>
  for (const symbol of Object.keys(elements) as ElementSymbol[]) {
    const { solar, follows } = elements[symbol]
    result[symbol] = symbol === 'H' ? 1 : 10 ** (solar - 12 + offset[follows])
  }
  return result
}

/** The labels of a model in a grid; NaN where a name does not tell. */
export interface NodeLabels {
  /** K. */
  readonly teff: number
  /** dex(cm s⁻²). */
  readonly logg: number
  /** dex. */
  readonly m_h: number
  /** dex, [α/M] (BT-Settl calls it [α/H] relative to the scaled Sun). */
  readonly alpha_m: number
}

/** What part of a grid to read: inclusive ranges of labels. */
export type NodeSelection = Partial<Record<keyof NodeLabels, readonly [low: number, high: number]>>

const PHOENIX = /^lte(\d{5})([+-]\d+\.\d+)([+-]\d+\.\d+)(?:\.Alpha=([+-]\d+\.\d+))?\.PHOENIX/
const BT_SETTL =
  /^lte(\d+(?:\.\d+)?)([+-]\d+\.\d+)([+-]\d+\.\d+)(?:a([+-]\d+\.\d+))?[.\w-]*(?:BT-Settl|BT-Cond|BT-Dusty|BT-NextGen)/i

/**
 * Labels in the name of a PHOENIX or BT-Settl file, undefined for other names.
 *
 * PHOENIX: `lte05800-4.50-0.0.Alpha=+0.20.PHOENIX-…`; BT-Settl: `lte058.0-4.5-0.0a+0.0.BT-Settl.…`, in hundreds of K. In
 * both the sign before log g belongs to the name: `-4.50` is a gravity of 4.5.
 */
export function nodeLabelsOf(name: string): NodeLabels | undefined {
  const file = name.split(/[\\/]/).at(-1)!
  const phoenix = PHOENIX.exec(file)
  const found = phoenix ?? BT_SETTL.exec(file)
  if (found === null) return undefined
  const [, teff, logg, metals, alpha = '0'] = found
  return {
    teff: Number(teff) * (phoenix === null ? 100 : 1),
    logg: plain(-Number(logg)),
    m_h: plain(Number(metals)),
    alpha_m: plain(Number(alpha)),
  }
}

/** True when every label lies in the range asked for. */
export function isSelected(labels: NodeLabels, selection: NodeSelection): boolean {
  return Object.entries(selection).every(([name, range]) => {
    const value = labels[name as keyof NodeLabels]
    return range === undefined || (value >= range[0] && value <= range[1])
  })
}

/** Zero without a sign: names write solar metallicity as `-0.0`. */
function plain(value: number): number {
  return value === 0 ? 0 : value
}

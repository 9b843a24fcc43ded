import { airToVacuum } from '@astrolabel/spectra'
import type { ElementSymbol } from './elements.js'
import { heavyElements } from './lines/heavy-elements.js'
import { ironIonised } from './lines/iron-ionised.js'
import { ironNeutral } from './lines/iron-neutral.js'
import { ironPeak } from './lines/iron-peak.js'
import { lightElements } from './lines/light-elements.js'
import { scandiumTitanium } from './lines/scandium-titanium.js'

/** A metal line as the synthesis takes it. */
export interface MetalLine {
  readonly element: ElementSymbol
  readonly charge: 0 | 1
  /** Vacuum Å. */
  readonly wave: number
  /** eV. */
  readonly excitation: number
  readonly gf: number
}

/** All metal lines, by vacuum wavelength (Ciddor 1996 from the tables' air wavelengths). */
export const metalLines: readonly MetalLine[] = [
  ...lightElements,
  ...scandiumTitanium,
  ...ironPeak,
  ...ironNeutral,
  ...ironIonised,
  ...heavyElements,
]
  .flatMap(({ element, charge, lines }) => {
    const waves = airToVacuum(lines.map(([wave]) => wave))
    return lines.map(([, excitation, loggf], i): MetalLine => ({
      element,
      charge,
      wave: waves[i]!,
      excitation,
      gf: 10 ** loggf,
    }))
  })
  .sort((a, b) => a.wave - b.wave)

/** Elements the line model knows. */
export type ElementSymbol =
  | 'H'
  | 'C'
  | 'O'
  | 'Na'
  | 'Mg'
  | 'Al'
  | 'Si'
  | 'S'
  | 'K'
  | 'Ca'
  | 'Sc'
  | 'Ti'
  | 'V'
  | 'Cr'
  | 'Mn'
  | 'Fe'
  | 'Co'
  | 'Ni'
  | 'Cu'
  | 'Zn'
  | 'Sr'
  | 'Y'
  | 'Zr'
  | 'Ba'
  | 'La'
  | 'Eu'

/** A partition function as `value · (T / 5000 K)^power`, good to about 10 % between 4000 and 7000 K. */
export interface PartitionFunction {
  readonly value: number
  readonly power: number
}

/** What the ionisation balance and the line widths need to know of an element. */
export interface ElementData {
  /** Atomic mass, u. */
  readonly mass: number
  /** Solar abundance, 12 + log10(n / n_H): Asplund et al. 2009, ARA&A 47, 481. */
  readonly solar: number
  /** First and second ionisation energy, eV. */
  readonly ionisation: readonly [number, number]
  /** Of the neutral atom and the first ion: fits by eye to Gray 2005, The Observation and Analysis, table D.2. */
  readonly partition: readonly [PartitionFunction, PartitionFunction]
  /** How its abundance follows the labels: [X/H] = [Fe/H], + [Mg/Fe] or + [α/Fe]. */
  readonly follows: 'iron' | 'magnesium' | 'alpha'
}

function element(
  mass: number,
  solar: number,
  ionisation: readonly [number, number],
  neutral: readonly [number, number],
  ion: readonly [number, number],
  follows: ElementData['follows'] = 'iron',
): ElementData {
  return {
    mass,
    solar,
    ionisation,
    partition: [
      { value: neutral[0], power: neutral[1] },
      { value: ion[0], power: ion[1] },
    ],
    follows,
  }
}

/** The elements, by symbol. Hydrogen's abundance is 12 by definition and does not follow anything. */
export const elements: Readonly<Record<ElementSymbol, ElementData>> = {
  H: element(1.008, 12, [13.598, Infinity], [2, 0], [1, 0]),
  C: element(12.011, 8.43, [11.26, 24.383], [9.3, 0.1], [5.9, 0]),
  O: element(15.999, 8.69, [13.618, 35.12], [8.8, 0.05], [4, 0], 'alpha'),
  Na: element(22.99, 6.24, [5.139, 47.286], [2.05, 0.15], [1, 0]),
  Mg: element(24.305, 7.6, [7.646, 15.035], [1.02, 0.1], [2, 0], 'magnesium'),
  Al: element(26.982, 6.45, [5.986, 18.829], [5.85, 0.03], [1, 0]),
  Si: element(28.085, 7.51, [8.152, 16.346], [9.5, 0.12], [5.7, 0.03], 'alpha'),
  S: element(32.06, 7.12, [10.36, 23.338], [8.2, 0.08], [4.1, 0.1], 'alpha'),
  K: element(39.098, 5.03, [4.341, 31.63], [2.15, 0.3], [1, 0]),
  Ca: element(40.078, 6.34, [6.113, 11.872], [1.18, 0.6], [2.2, 0.3], 'alpha'),
  Sc: element(44.956, 3.15, [6.561, 12.8], [12, 0.4], [23, 0.3]),
  Ti: element(47.867, 4.95, [6.828, 13.576], [30, 0.8], [56, 0.4], 'alpha'),
  V: element(50.942, 3.93, [6.746, 14.66], [46, 0.6], [43, 0.6]),
  Cr: element(51.996, 5.64, [6.767, 16.486], [10.3, 0.8], [7.2, 0.7]),
  Mn: element(54.938, 5.43, [7.434, 15.64], [6.4, 0.25], [7.7, 0.2]),
  Fe: element(55.845, 7.5, [7.902, 16.188], [26.5, 0.5], [42.5, 0.35]),
  Co: element(58.933, 4.99, [7.881, 17.084], [33, 0.5], [28, 0.5]),
  Ni: element(58.693, 6.22, [7.64, 18.169], [30, 0.25], [10.8, 0.5]),
  Cu: element(63.546, 4.19, [7.726, 20.292], [2.35, 0.4], [1.05, 0.2]),
  Zn: element(65.38, 4.56, [9.394, 17.964], [1, 0], [2, 0]),
  Sr: element(87.62, 2.87, [5.695, 11.03], [1.26, 0.8], [2.2, 0.2]),
  Y: element(88.906, 2.21, [6.217, 12.224], [11.8, 0.5], [15.5, 0.4]),
  Zr: element(91.224, 2.58, [6.634, 13.13], [34, 0.9], [45, 0.5]),
  Ba: element(137.327, 2.18, [5.212, 10.004], [2.2, 1.2], [4.2, 0.5]),
  La: element(138.905, 1.1, [5.577, 11.185], [18, 0.6], [28, 0.5]),
  Eu: element(151.964, 0.52, [5.67, 11.24], [8.5, 0.3], [13, 0.3]),
}

/** U(T) of a species. */
export function partitionFunction({ value, power }: PartitionFunction, temperature: number): number {
  return value * (temperature / 5000) ** power
}

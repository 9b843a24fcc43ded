import type { ContinuumListName } from './continuum-lists.js'
import { continuumLists } from './continuum-lists.js'
import { checkOption } from './piecewise-polynomial.js'

/** Which pixels a continuum is fitted to. */
export interface ContinuumPixelOptions {
  /**
   * Fit only these pixels, by index, or those of a list that is known by name. In a recipe also the path of a list that
   * `astrolabel continuum-pixels` wrote. Lists become `windows`, which the chain then carries.
   */
  readonly pixels?: readonly number[] | ContinuumListName
  /** Fit only the pixels within these ranges in Å, both ends included; added to `pixels` when both are given. */
  readonly windows?: readonly (readonly [from: number, to: number])[]
}

/** {@link ContinuumPixelOptions} with lists looked up; without pixels and windows all pixels are fitted. */
export interface FittedPixels {
  readonly pixels?: readonly number[]
  readonly windows?: readonly (readonly [from: number, to: number])[]
}

/** Look up a list of pixels by its name. @throws `preprocess/option` for a name that is not known. */
export function fittedPixels({ pixels, windows }: ContinuumPixelOptions): FittedPixels {
  if (typeof pixels === 'string') {
    checkOption(
      Object.hasOwn(continuumLists, pixels),
      'pixels',
      pixels,
      `indices of pixels or the name of a list: ${Object.keys(continuumLists).join(', ')}`,
    )
    return { windows: [...(windows ?? []), ...continuumLists[pixels]] }
  }
  return { ...(pixels === undefined ? {} : { pixels }), ...(windows === undefined ? {} : { windows }) }
}

import type { PreprocessStep } from '@astrolabel/preprocess'
import { continuumLists } from '@astrolabel/preprocess'
import { AstrolabelError } from '@astrolabel/spectra'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** What the first key of a list of continuum pixels says. */
export const PIXEL_LIST_FORMAT = 'astrolabel continuum pixels 1'

const pixelList = z.looseObject({
  format: z.literal(PIXEL_LIST_FORMAT),
  windows: z.array(z.tuple([z.number(), z.number()])).min(1),
})

/**
 * Steps in which `pixels: FILE` has become the windows in Å that the file lists, so that the chain, and a model that
 * keeps it, needs the file no more.
 *
 * @throws `recipe/pixel-list` for a file that is not there or not such a list.
 */
export function inlinePixelLists(steps: readonly PreprocessStep[]): readonly PreprocessStep[] {
  return steps.map((step: PreprocessStep | null) => {
    const { pixels, ...rest } = { ...step } as unknown as Readonly<Record<string, unknown>>
    if (rest['step'] !== 'continuum' || typeof pixels !== 'string' || Object.hasOwn(continuumLists, pixels))
      return step as PreprocessStep
    const given = rest['windows']
    return {
      ...rest,
      windows: [...(Array.isArray(given) ? (given as unknown[]) : []), ...readPixelList(pixels)],
    } as unknown as PreprocessStep
  })
}

function readPixelList(path: string): readonly (readonly [number, number])[] {
  let got = 'no such file'
  try {
    const text = readFileSync(path, 'utf8')
    got = 'other content'
    return pixelList.parse(JSON.parse(text)).windows
  } catch (cause) {
    throw new AstrolabelError('recipe/pixel-list', `${path} is not a list of continuum pixels`, {
      got,
      expected: `a file that astrolabel continuum-pixels wrote, relative to where the command runs, or ${Object.keys(continuumLists).join(', ')}`,
      cause,
    })
  }
}

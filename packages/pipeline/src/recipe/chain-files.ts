import type { PreprocessStep, TemplateSet } from '@astrolabel/preprocess'
import { encodeTemplates } from '@astrolabel/preprocess'
import type { RunOptions, Spectra, WavelengthGrid } from '@astrolabel/spectra'
import {
  AstrolabelError,
  concatSpectra,
  decodeModelFile,
  inFile,
  isSpectraSchema,
  spectraMetaOf,
} from '@astrolabel/spectra'
import { readIpcSchema, readSpectraFile } from '@astrolabel/spectra/node'
import { readSurvey } from '@astrolabel/surveys/node'
import { readFile } from 'node:fs/promises'
import { readNpzSpectra } from '../formats/npz-spectra.js'

/** Keys of steps that take a wavelength grid. */
const GRID_KEYS = ['wavelength', 'wave']

/** Files that a chain out of a recipe names: templates of velocities, and files whose wavelengths it is to have. */
export function chainFiles(steps: readonly PreprocessStep[]): string[] {
  return steps.flatMap((step) =>
    Object.entries(step).flatMap(([key, value]) => {
      if (key === 'templates' && typeof value === 'string') return [value]
      const path = GRID_KEYS.includes(key) ? likeFile(value) : undefined
      return path === undefined ? [] : [path]
    }),
  )
}

/**
 * The chain with what its files say in place of their names, so that it can be kept in a model and replayed elsewhere:
 * `templates: stars.arrow` (or .npz) becomes the spectra, `wavelength: {like: model.arrow}` the grid of that model or of
 * those spectra.
 *
 * @param locate where a file of the chain is; its name by itself by default.
 * @throws `preprocess/templates`, `preprocess/grid` for files that hold no such thing, and what reading them throws.
 */
export async function inlineChainFiles(
  steps: readonly PreprocessStep[],
  locate: (path: string) => string = (path) => path,
  run: RunOptions = {},
): Promise<readonly PreprocessStep[]> {
  if (chainFiles(steps).length === 0) return steps
  return Promise.all(
    steps.map(async (step) => {
      const entries = await Promise.all(
        Object.entries(step).map(async ([key, value]): Promise<[string, unknown]> => {
          if (key === 'templates' && typeof value === 'string') return [key, await readTemplates(locate(value), run)]
          const path = GRID_KEYS.includes(key) ? likeFile(value) : undefined
          return [key, path === undefined ? value : await gridOfFile(locate(path))]
        }),
      )
      return Object.fromEntries(entries) as unknown as PreprocessStep
    }),
  )
}

/** Templates of velocities out of a file of spectra at rest, .arrow or .npz. @throws `preprocess/templates`. */
export async function readTemplates(path: string, run: RunOptions = {}): Promise<TemplateSet> {
  const batches: Spectra[] = []
  try {
    for await (const batch of spectraIn(path, run)) batches.push(batch)
    return encodeTemplates(concatSpectra(batches))
  } catch (cause) {
    throw inFile(path, cause)
  }
}

async function* spectraIn(path: string, { signal }: RunOptions): AsyncGenerator<Spectra> {
  const options = signal === undefined ? {} : { signal }
  if (!path.endsWith('.npz')) yield* readSpectraFile(path)
  else yield* (await readNpzSpectra(path, options)) ?? readSurvey('npz', [path], options)
}

/** The one grid of the spectra or the model in an Arrow file. */
async function gridOfFile(path: string): Promise<WavelengthGrid> {
  const schema = await readIpcSchema(path)
  const grid = isSpectraSchema(schema)
    ? spectraMetaOf(schema).wavelength
    : (decodeModelFile(new Uint8Array(await readFile(path))).description['wavelength'] as WavelengthGrid | undefined)
  if (grid !== undefined && (grid as { kind: string }).kind !== 'segmented') return grid as WavelengthGrid
  throw new AstrolabelError('preprocess/grid', `${path} has no single wavelength grid`, {
    got: grid === undefined ? 'a model without one' : 'spectra in arms',
    expected: 'spectra on one grid, or a model of such',
    remedy: 'Name stitched spectra',
  })
}

function likeFile(value: unknown): string | undefined {
  const like = typeof value === 'object' && value !== null ? (value as { like?: unknown }).like : undefined
  return typeof like === 'string' ? like : undefined
}

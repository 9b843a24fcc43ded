import type { Quantizer } from '../../compression/dither.js'
import type { StoredDtype } from '../../number-format.js'
import { badInput } from '../bad-input.js'
import type { ImageCompressionInput } from '../hdu-input.js'

/** How an image is to be compressed, checked and with its defaults filled in. */
export interface CompressionPlan {
  /** How messages call the image. */
  readonly label: string
  readonly algorithm: ImageCompressionInput['algorithm']
  /** Slowest axis first, no axis longer than the image's. */
  readonly tileShape: readonly number[]
  readonly quantize?: {
    readonly level: number
    readonly step?: number
    readonly dither: Quantizer
    readonly seed: number
  }
}

const ALGORITHMS: readonly string[] = [
  'RICE_1',
  'GZIP_1',
  'GZIP_2',
  'PLIO_1',
] satisfies ImageCompressionInput['algorithm'][]
const DITHERS: readonly string[] = ['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] satisfies Quantizer[]
const DEFAULT_LEVEL = 4
const MAX_SEED = 10_000

/** Checks a request against the image. Fails with `fits/bad-input`, naming `label`. */
export function compressionPlan(
  how: ImageCompressionInput,
  shape: readonly number[],
  stored: StoredDtype,
  label: string,
): CompressionPlan {
  const { algorithm, quantize } = how
  if (!ALGORITHMS.includes(algorithm)) {
    throw badInput(`${label} cannot be compressed`, algorithm, `one of ${ALGORITHMS.join(', ')}`, 'Choose one.')
  }
  const real = stored === 'f4' || stored === 'f8'
  if (stored === 'i8') {
    throw badInput(
      `${label} cannot be compressed`,
      '64-bit integers',
      'integers of 8, 16 or 32 bits, or floats',
      'Other readers know no tiles of 64-bit integers: convert them, or leave compress out.',
    )
  }
  const integersOnly = algorithm === 'RICE_1' || algorithm === 'PLIO_1'
  if (real && integersOnly && (quantize === undefined || algorithm === 'PLIO_1')) {
    throw badInput(
      `${label} cannot be compressed`,
      `floats with ${algorithm}`,
      algorithm === 'PLIO_1' ? 'integers' : 'integers, or floats with quantize',
      'Use GZIP_2, which loses nothing, or RICE_1 with quantize: {}.',
    )
  }
  if (!real && quantize !== undefined) {
    throw badInput(`${label} cannot be quantized`, stored, 'floats', 'Leave quantize out: integers lose nothing.')
  }
  const tileShape = tileShapeOf(how.tileShape, shape, label)
  const plan = { label, algorithm, tileShape }
  return quantize === undefined ? plan : { ...plan, quantize: checked(quantize, label) }
}

function tileShapeOf(given: readonly number[] | undefined, shape: readonly number[], label: string): readonly number[] {
  const wanted = given ?? shape.map((axis, i) => (i === shape.length - 1 ? Math.max(1, axis) : 1))
  if (wanted.length === shape.length && wanted.every((axis) => Number.isInteger(axis) && axis > 0)) {
    return wanted.map((axis, i) => Math.max(1, Math.min(axis, shape[i] as number)))
  }
  throw badInput(
    `${label} cannot be cut into tiles`,
    `tileShape [${wanted.join(', ')}]`,
    `${shape.length} whole numbers, 1 or more`,
    'Give the shape slowest axis first, as that of the image.',
  )
}

function checked(
  {
    level = DEFAULT_LEVEL,
    step,
    dither = 'SUBTRACTIVE_DITHER_1',
    seed = 1,
  }: NonNullable<ImageCompressionInput['quantize']>,
  label: string,
): NonNullable<CompressionPlan['quantize']> {
  if (!(level > 0 && Number.isFinite(level)) || !(step === undefined || (step > 0 && Number.isFinite(step)))) {
    throw badInput(`${label} cannot be quantized`, `level ${level}, step ${step}`, 'more than 0', 'Choose another.')
  }
  if (!DITHERS.includes(dither)) {
    throw badInput(`${label} cannot be dithered`, dither, `one of ${DITHERS.join(', ')}`, 'Choose one.')
  }
  if (!Number.isInteger(seed) || seed < 1 || seed > MAX_SEED) {
    throw badInput(`${label} cannot be dithered`, `seed ${seed}`, `1 to ${MAX_SEED}`, 'Choose another seed.')
  }
  return { level, dither, seed, ...(step === undefined ? {} : { step }) }
}

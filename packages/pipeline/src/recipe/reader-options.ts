import { AstrolabelError } from '@astrolabel/spectra'
import type { SurveyName, SurveyReadOptions } from '@astrolabel/surveys/node'
import { z } from 'zod'
import { nearestWord } from './nearest-word.js'
import { applySetting, parseSetting } from './setting.js'

/** Choices that a survey's reader leaves to the user. */
export type ReaderOptions = Pick<
  SurveyReadOptions,
  | 'combined'
  | 'mask'
  | 'visits'
  | 'params'
  | 'chips'
  | 'drop'
  | 'scores'
  | 'resolution'
  | 'exposures'
  | 'window'
  | 'select'
  | 'medium'
  | 'hdu'
  | 'fluxColumn'
  | 'ivarColumn'
  | 'sigmaColumn'
  | 'waveColumn'
  | 'idColumn'
>

const mask = z.enum(['and', 'or']).optional()
const column = z.string().optional()

const range = z.tuple([z.number(), z.number()])
const models = {
  window: range.optional(),
  select: z
    .strictObject({ teff: range.optional(), logg: range.optional(), m_h: range.optional(), alpha_m: range.optional() })
    .optional(),
}

/** What each survey's reader can be told. */
const OPTIONS: Readonly<Record<SurveyName, z.ZodObject>> = {
  miles: z.strictObject({}),
  npz: z.strictObject({}),
  desi: z.strictObject({
    drop: z.enum(['sky', 'not-targets', 'none']).optional(),
    scores: z.enum(['snr', 'all', 'none']).optional(),
    resolution: z.boolean().optional(),
  }),
  apogee: z.strictObject({
    combined: z.enum(['pixel', 'global']).optional(),
    mask,
    visits: z.boolean().optional(),
    params: z.enum(['FPARAM', 'PARAM']).optional(),
    chips: z.enum(['dr12', 'dr13', 'all']).optional(),
  }),
  sdss: z.strictObject({ mask, resolution: z.boolean().optional() }),
  lamost: z.strictObject({ mask, exposures: z.boolean().optional() }),
  phoenix: z.strictObject(models),
  btsettl: z.strictObject({ ...models, medium: z.enum(['vacuum', 'air']).optional() }),
  table: z.strictObject({
    hdu: z.union([z.string(), z.int()]).optional(),
    fluxColumn: column,
    ivarColumn: column,
    sigmaColumn: column,
    waveColumn: column,
    idColumn: column,
  }),
}

/** What is wrong with options for a survey's reader, in words; undefined when they are right. */
export function faultOfReaderOptions(survey: SurveyName, options: unknown): string | undefined {
  const issue = OPTIONS[survey].safeParse(options).error?.issues[0]
  if (issue === undefined) return undefined
  if (issue.code !== 'unrecognized_keys') return `the reader of ${survey}: ${issue.path.join('.')}: ${issue.message}`
  const known = Object.keys(OPTIONS[survey].shape)
  const key = issue.keys[0]!
  const near = nearestWord(key, known)
  const guess = near === undefined ? '.' : `, did you mean '${near}'?`
  return `the reader of ${survey} has no option '${key}'${guess} Known: ${known.join(', ') || 'none'}`
}

/**
 * Options of a reader from settings of the command line, `key=value`.
 *
 * @throws `recipe/setting`, naming the options that the survey's reader has.
 */
export function parseReaderSettings(survey: SurveyName, settings: readonly string[]): ReaderOptions {
  const options: Record<string, unknown> = {}
  for (const text of settings) applySetting(options, parseSetting(text, 'mask=or'))
  const fault = faultOfReaderOptions(survey, options)
  if (fault !== undefined) throw new AstrolabelError('recipe/setting', fault)
  return options
}

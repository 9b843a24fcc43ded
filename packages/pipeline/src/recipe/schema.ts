import { stepDescriptions } from '@astrolabel/preprocess'
import { SURVEY_NAMES } from '@astrolabel/surveys/node'
import { z } from 'zod'
import { faultOfReaderOptions } from './reader-options.js'
import type { Recipe } from './recipe.js'
import { train } from './train-schema.js'

const range = z
  .tuple([z.number().nullable(), z.number().nullable()])
  .describe('Smallest and largest value to keep; null for no limit.')

const stepHelp = Object.entries(stepDescriptions)
  .map(([name, { does, options }]) => {
    const names = Object.keys(options).join(', ')
    return `${name}: ${does}${names === '' ? '' : ` (${names})`}`
  })
  .join('; ')

const methods = Object.keys(stepDescriptions.continuum.variants!.options)

/** One preprocessing step; which options it takes is checked by the preprocessing itself. */
const step = z.looseObject({
  step: z.string().describe(`${stepHelp}.`),
  method: z
    .string()
    .optional()
    .describe(`Of a continuum: ${methods.join(', ')}.`),
  pixels: z
    .union([z.string(), z.array(z.int())])
    .optional()
    .describe(
      'Of a continuum: the pixels to fit by index, a list known by name (apogee-giants), or a file that astrolabel continuum-pixels wrote.',
    ),
})

const by = z.enum(['auto', 'id', 'sky']).optional()

const duplicates = z
  .enum(['best', 'lowest', 'all'])
  .optional()
  .describe(
    'Rows of a star that repeats in a catalogue of APOGEE or DESI: of highest signal to noise, of lowest, or all; best.',
  )

const ingest = z
  .strictObject({
    survey: z.enum(SURVEY_NAMES).describe('Which reader understands the files.'),
    paths: z.array(z.string()).min(1).default(['.']).describe('Files, folders or globs, relative to `data`.'),
    catalog: z
      .string()
      .optional()
      .describe('The label catalogue that belongs to the files, relative to `data` (MILES_params.db).'),
    match: z
      .strictObject({
        by: by.describe(
          'An identifier that both have (id), the position (sky), or the first where it finds a star (auto); auto.',
        ),
        radius: z.number().positive().optional().describe('Largest separation, arcsec; 3.'),
        oneToOne: z.boolean().optional().describe('Use each catalogue star once, the nearest first; true.'),
        duplicates,
      })
      .optional()
      .describe('How the catalogue is matched, and which of its rows are used.'),
    options: z
      .record(z.string(), z.unknown())
      .default({})
      .describe('Choices of the reader, such as mask: or, combined: global, visits: true (apogee), drop: none (desi).'),
  })
  .superRefine(({ survey, options }, context) => {
    const fault = faultOfReaderOptions(survey, options)
    if (fault !== undefined) context.addIssue({ code: 'custom', path: ['options'], message: fault })
  })
  .describe('Survey files to spectra.')

const epoch = z.union([z.number(), z.string()]).optional()

const motionColumns = z
  .tuple([z.string(), z.string()])
  .optional()
  .describe('Columns of proper motion in ra (times cos dec) and dec, mas/yr; found by their usual names otherwise.')

const plausible = z
  .strictObject({
    labels: z
      .array(
        z.strictObject({
          name: z.string().describe('Name of the label.'),
          a: z.string().describe('Its column beside the spectra.'),
          b: z.string().describe('Its column in the catalogue.'),
          weight: z.number().min(0).optional().describe('Weight of one sigma; 2 for fe_h, 1 for the others.'),
        }),
      )
      .min(1)
      .describe('Labels to compare.'),
    maxDistance: z.number().positive().optional().describe('Pairs at this distance or beyond are left out; 4.5.'),
    separationWeight: z.number().min(0).optional().describe('Weight of one arcsec; 2.'),
    missing: z.number().min(0).optional().describe('Difference that stands for an unknown one, in sigmas; 1.'),
    spread: z.enum(['std', 'mad']).optional().describe('How the sigma of a label is taken; std.'),
    reference: z.enum(['a', 'b']).optional().describe('Whose spread it is, of spectra (a) or catalogue (b); b.'),
  })
  .describe('Leave out pairs whose labels say that they are different stars.')

const crossmatch = z
  .strictObject({
    catalog: z.string().describe('Catalogue with positions and labels, relative to `data`.'),
    by: by.describe(
      'The position (sky), an identifier that both have (id: PLATE with MJD and FIBERID, SPECOBJID, TARGETID, APOGEE_ID, …), or this where it finds a star (auto); sky.',
    ),
    duplicates,
    radius: z.number().positive().default(3).describe('Largest separation, arcsec.'),
    oneToOne: z.boolean().default(true).describe('Use each catalogue star once, the nearest first.'),
    radiusColumn: z.string().optional().describe('Column beside the spectra with position errors, arcsec.'),
    sigmas: z.number().positive().optional().describe('Radius of a star in its position errors; 3.'),
    epochA: epoch.describe('Epoch of the positions of the spectra, Julian years or a column of them.'),
    epochB: epoch.describe('Epoch of the positions of the catalogue, likewise.'),
    pmA: motionColumns,
    pmB: motionColumns,
    byId: z
      .strictObject({
        a: z.string().describe('Column beside the spectra.'),
        b: z.string().describe('Column of the catalogue.'),
      })
      .optional()
      .describe('Columns of identifiers of spectra and catalogue to match by, in place of positions.'),
    join: z
      .enum(['inner', 'left'])
      .optional()
      .describe('Leave out stars without a counterpart (inner), or keep them without labels (left); inner.'),
    plausible: plausible.optional(),
  })
  .describe('Labels for the spectra from a catalogue, by position on the sky or by identifier.')

const evaluate = z
  .strictObject({
    folds: z.int().min(2).optional().describe('Cross-validate with so many folds, split by star.'),
    testFraction: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('Hold out this part of the stars (0.2 when neither is given).'),
    truth: z
      .string()
      .optional()
      .describe('Table of true labels by star_id, relative to `data`; the catalogue labels otherwise.'),
    bootstrap: z
      .int()
      .min(0)
      .default(500)
      .describe('Bootstrap samples for the intervals of the statistics; 0 for none.'),
  })
  .refine((value) => value.folds === undefined || value.testFraction === undefined, {
    message: 'Give folds or testFraction, not both',
  })
  .describe('How the model is judged on stars it has not seen.')

const recipe = z
  .strictObject({
    name: z.string().min(1).describe('Title of the run and its report.'),
    description: z.string().optional(),
    seed: z.int().default(1).describe('Seed of everything random.'),
    data: z
      .string()
      .default('.')
      .describe('Folder that the paths below are relative to; itself relative to where the command runs.'),
    ingest,
    crossmatch: crossmatch.optional(),
    select: z
      .union([z.string(), z.record(z.string(), range)])
      .default({})
      .describe(
        'Stars to keep, before anything is learnt: an expression (snr > 50 and not starflag.BAD_PIXELS), or columns with the range to keep.',
      ),
    preprocess: z
      .union([z.enum(['desi', 'sdss', 'apogee', 'miles', 'none']), z.array(step)])
      .default('none')
      .describe('A named chain or a list of steps.'),
    train,
    evaluate: evaluate.prefault({}),
  })
  .describe('An astrolabel recipe')

/** A recipe in YAML, checked and with its defaults filled in. */
export const recipeSchema: z.ZodType<Recipe> = recipe

/** The recipe's JSON Schema (draft 2020-12), for editors. */
export function recipeJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(recipe, { io: 'input' }) as Record<string, unknown>
}

import { parseRecipe, runRecipe } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommonOptions } from '../command-context.js'
import { inContext, positiveNumber, withCommonOptions } from '../command-context.js'
import { evaluationText } from '../evaluation-text.js'

interface DemoOptions extends CommonOptions {
  readonly stars: number
  readonly out: string
}

/** The recipe of the demo: the same as a user would write for real DESI coadds and an APOGEE catalogue. */
const RECIPE = `name: 'astrolabel demo: a simulated survey'
description: DESI-like coadds with APOGEE-like labels, both simulated; compared with the labels that were injected.
data: survey
ingest:
  survey: desi
  paths: [coadd-*.fits]
crossmatch:
  catalog: allStar-sim.fits
  radius: 3
preprocess: desi
train:
  model: cannon
  labels: [teff, logg, fe_h, mg_fe]
  order: 2
  transforms: { teff: inverse }
evaluate:
  testFraction: 0.3
  truth: truth.csv
`

/** `astrolabel demo`: the whole way on a small simulated survey, with no input. */
export function addDemo(program: Command): void {
  withCommonOptions(
    program
      .command('demo')
      .description('simulate a small survey and take it all the way to labels and a report; needs no input')
      .option('--stars <n>', 'stars to simulate', positiveNumber, 600)
      .option('-o, --out <folder>', 'where everything goes', 'astrolabel-demo'),
  ).action((options: DemoOptions) =>
    inContext(options, async ({ reporter, signal, result }) => {
      const survey = join(options.out, 'survey')
      await mkdir(survey, { recursive: true })
      // Only here: the simulator makes its night sky as it is loaded, which no other command is to wait for.
      const { simulateSurvey } = await import('@astrolabel/survey-simulator')
      const stage = reporter.stage('simulate')
      const files = await simulateSurvey(survey, {
        stars: options.stars,
        seed: options.seed,
        signal,
        onProgress: stage.progress,
      })
      stage.finish(
        `${options.stars} stars in ${files.desi.length} coadd${files.desi.length === 1 ? '' : 's'} and an allStar table`,
      )
      const path = join(options.out, 'recipe.yaml')
      await writeFile(path, RECIPE)
      const recipe = parseRecipe(RECIPE, path, [`data=${survey}`, `seed=${options.seed}`])
      const summary = await runRecipe(
        recipe,
        { out: join(options.out, 'run'), signal, threads: options.threads },
        reporter,
      )
      result(
        { ...summary, ...summary.evaluation },
        `${evaluationText(summary.evaluation)}\n\nreport: ${summary.files['report']}\nrecipe: ${path} (run it again with other options: astrolabel run ${path} --set data=${survey} --set train.order=3)`,
      )
    }),
  )
}

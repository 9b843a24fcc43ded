import { scoreNoveltyFile } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, positiveNumber, withCommonOptions } from '../command-context.js'

interface OodOptions extends CommonOptions {
  readonly train: string
  readonly model?: string
  readonly components: number
  readonly stars: number
  readonly out: string
}

/** `astrolabel ood`: which stars are unlike those that a model was trained on? */
export function addOod(program: Command): void {
  withCommonOptions(
    program
      .command('ood')
      .description('which stars are unlike the training stars (out of distribution)? One verdict each, with reasons')
      .argument('<spectra>', 'spectra to judge (.arrow)')
      .requiredOption('--train <file>', 'spectra that say what is known, such as those of the training (.arrow)')
      .option('--model <file>', 'model (.arrow): its labels are looked at too, and raw spectra processed as it needs')
      .option('--components <n>', 'principal components that spectra are reconstructed from', positiveNumber, 12)
      .option('--stars <n>', 'most training stars to learn from', positiveNumber, 5000)
      .requiredOption('-o, --out <file>', 'verdicts to write (.arrow, .parquet, .csv, .fits)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  astrolabel ood survey.arrow --train train.arrow --model model.arrow -o verdicts.csv',
    )
    .action((spectra: string, options: OodOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('ood')
        const { train, model, components, stars, seed, out } = options
        const summary = await scoreNoveltyFile({ spectra, train, model, components, most: stars, seed }, out, {
          signal,
          onProgress: stage.progress,
        })
        stage.finish(`${summary.stars} stars`)
        result({ out, ...summary }, summary.text)
      }),
    )
}

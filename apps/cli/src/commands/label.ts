import { labelFiles } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'

interface LabelOptions extends CommonOptions {
  readonly out: string
  readonly catalog?: string
  readonly calibration?: string
}

/** `astrolabel label`: labels for spectra by a model. */
export function addLabel(program: Command): void {
  withCommonOptions(
    program
      .command('label')
      .description('label spectra, or raw survey files: the model replays the processing it was trained after')
      .argument('<model>', 'model (.arrow)')
      .argument('<paths...>', 'spectra (.arrow, .npz), or raw files and folders of the survey of the model')
      .option('--catalog <file>', 'table of columns that the processing needs, such as velocities, by star_id')
      .option(
        '--calibration <file>',
        'intervals of `astrolabel calibrate` to add, such as teff_lo68 and teff_hi68 (.json)',
      )
      .requiredOption('-o, --out <file>', 'labels to write (.arrow, .parquet, .csv, .fits)'),
  )
    .addHelpText('after', '\nExample:\n  astrolabel label model.arrow MILES/ -o labels.csv')
    .action((model: string, paths: string[], options: LabelOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('label')
        const summary = await labelFiles(
          { model, paths, catalog: options.catalog, calibration: options.calibration },
          options.out,
          reporter,
          {
            signal,
            onProgress: stage.progress,
          },
        )
        stage.finish(`${summary.stars} stars`)
        const flags = Object.entries(summary.flags).map(([name, count]) => `${name} ${count}`)
        result(
          { out: options.out, ...summary },
          `${summary.labelled} of ${summary.stars} stars labelled in ${options.out}${flags.length > 0 ? `; flags: ${flags.join(', ')}` : ''}`,
        )
      }),
    )
}

import { SURVEY_NAMES, ingest, parseReaderSettings } from '@astrolabel/pipeline'
import type { IngestRequest } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, positiveReal, withCommonOptions } from '../command-context.js'

interface IngestOptions extends CommonOptions {
  readonly out: string
  readonly catalog?: string
  readonly radius: number
  readonly set: readonly string[]
}

/** `astrolabel ingest`: survey files to spectra. */
export function addIngest(program: Command): void {
  withCommonOptions(
    program
      .command('ingest')
      .description('read the files of a survey into one Arrow file of spectra')
      .addArgument(new Argument('<survey>', 'which survey or format').choices(SURVEY_NAMES))
      .argument('<paths...>', 'files, folders or globs')
      .option(
        '--catalog <file>',
        'labels: the MILES parameter file, or any catalogue, matched by an identifier or on the sky',
      )
      .option('--radius <arcsec>', 'largest separation of a match on the sky', positiveReal, 3)
      .option(
        '--set <key=value>',
        'choice of the reader: mask, combined, visits, params, chips (apogee), drop, scores, resolution (desi), exposures (lamost), window, select (phoenix, btsettl) (repeatable)',
        collect,
        [],
      )
      .requiredOption('-o, --out <file>', 'spectra to write (.arrow)'),
  )
    .addHelpText('after', '\nExample:\n  astrolabel ingest miles MILES/ --catalog MILES/MILES_params.db -o miles.arrow')
    .action((survey: IngestRequest['survey'], paths: string[], options: IngestOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('ingest')
        const summary = await ingest(
          {
            survey,
            paths,
            catalog: options.catalog,
            options: parseReaderSettings(survey, options.set),
            match: { radius: options.radius },
          },
          options.out,
          reporter,
          { signal, onProgress: stage.progress },
        )
        stage.finish(`${summary.stars} spectra`)
        result(
          { out: options.out, ...summary },
          `${summary.stars} spectra in ${options.out}${summary.warnings > 0 ? `, ${summary.warnings} warnings` : ''}`,
        )
      }),
    )
}

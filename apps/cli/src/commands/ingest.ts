import { INGEST_THREADS, SURVEY_NAMES, ingest, parseReaderSettings } from '@astrolabel/pipeline'
import type { DuplicateRows, IngestRequest, IngestSummary, MatchBy } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { Argument, Option } from 'commander'
import { availableParallelism } from 'node:os'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, positiveReal, withCommonOptions } from '../command-context.js'
import { duplicatesOption } from '../duplicates-option.js'

interface IngestOptions extends CommonOptions {
  readonly out: string
  readonly catalog?: string
  readonly radius: number
  readonly by?: MatchBy
  readonly duplicates?: DuplicateRows
  readonly set: readonly string[]
  readonly fresh?: boolean
  readonly strict?: boolean
  readonly failures?: string
}

/** `astrolabel ingest`: survey files to spectra. */
export function addIngest(program: Command): void {
  withCommonOptions(
    program
      .command('ingest')
      .description(
        'read the files of a survey into one Arrow file of spectra; a second run adds the files that are new',
      )
      .addArgument(new Argument('<survey>', 'which survey or format').choices(SURVEY_NAMES))
      .argument('<paths...>', "files, folders, globs (quote them: 'data/**/apStar-*.fits'), @list.txt, or - for a list")
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
      .addOption(
        new Option(
          '--by <what>',
          'match by an identifier that both have, by position, or by the first where it finds a star (default: auto)',
        ).choices(['auto', 'id', 'sky']),
      )
      .addOption(duplicatesOption())
      .option('--fresh', 'read every file, also those that the output has already')
      .option('--strict', 'exit with 1 when any file could not be read')
      .option('--failures <file>', 'write the files that could not be read to a table (.json, .csv, …)')
      .requiredOption('-o, --out <file>', 'spectra to write (.arrow)'),
    {
      help: 'threads that read files; for few files one is taken',
      usual: Math.min(availableParallelism(), INGEST_THREADS),
    },
  )
    .addHelpText(
      'after',
      '\nExamples:\n  astrolabel ingest miles MILES/ --catalog MILES/MILES_params.db -o miles.arrow\n  astrolabel ingest apogee @files.txt --failures failed.csv -o apogee.arrow\n  astrolabel ingest btsettl GRID/ --set select.teff=[2500,3500] --set window=[15000,17000] -o grid.arrow',
    )
    .action((survey: IngestRequest['survey'], paths: string[], options: IngestOptions, command: Command) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('ingest')
        const asked = command.getOptionValueSource('threads') === 'cli'
        const summary = await ingest(
          {
            survey,
            paths,
            catalog: options.catalog,
            options: parseReaderSettings(survey, options.set),
            match: { radius: options.radius, by: options.by, duplicates: options.duplicates },
            mode: options.fresh === true ? 'fresh' : 'resume',
            failures: options.failures,
          },
          options.out,
          reporter,
          { signal, onProgress: stage.progress, threads: asked ? options.threads : undefined },
        )
        stage.finish(`${summary.stars} spectra`)
        result({ out: options.out, ...summary }, ingestText(options.out, summary))
        if (options.strict === true && summary.failed > 0) process.exitCode = 1
      }),
    )
}

function ingestText(out: string, { stars, files, read, skipped, failed, warnings }: IngestSummary): string {
  const parts = [`${stars} spectra in ${out}`]
  if (skipped > 0) parts.push(`${skipped} of ${files} files skipped, which it has already`)
  if (skipped > 0 && read > 0) parts.push(`${read} read`)
  if (failed > 0) parts.push(`${failed} failed`)
  if (warnings > 0) parts.push(warnings === 1 ? '1 warning' : `${warnings} warnings`)
  return parts.join(', ')
}

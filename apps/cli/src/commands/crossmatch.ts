import { crossmatchFiles } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, positiveReal, withCommonOptions } from '../command-context.js'

interface CrossmatchOptions extends CommonOptions {
  readonly out?: string
  readonly radius: number
  readonly manyToOne?: boolean
}

/** `astrolabel crossmatch`: two catalogues by position. */
export function addCrossmatch(program: Command): void {
  withCommonOptions(
    program
      .command('crossmatch')
      .description('match two catalogues, or spectra and a catalogue, by position on the sky')
      .argument('<a>', 'stars: spectra or any table with positions')
      .argument('<b>', 'catalogue with positions')
      .option('--radius <arcsec>', 'largest separation', positiveReal, 3)
      .option('--many-to-one', 'let several stars of A share a star of B')
      .option('-o, --out <file>', 'table of the matches (.arrow, .parquet, .csv, .fits)'),
  )
    .addHelpText('after', '\nExample:\n  astrolabel crossmatch spectra.arrow allStar.fits --radius 3 -o matches.arrow')
    .action((a: string, b: string, options: CrossmatchOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('crossmatch')
        const summary = await crossmatchFiles(a, b, options.out, reporter, {
          radius: options.radius,
          oneToOne: options.manyToOne !== true,
          signal,
          onProgress: stage.progress,
        })
        stage.finish(`${summary.n} matches`)
        const { median, max } = summary.separation_arcsec
        result(
          { ...(options.out === undefined ? {} : { out: options.out }), ...summary },
          `${summary.n} of ${summary.a} stars matched with ${summary.b} within ${summary.radius_arcsec}″: ${summary.ambiguous} ambiguous, separation median ${median.toFixed(3)}″, largest ${max.toFixed(3)}″`,
        )
      }),
    )
}

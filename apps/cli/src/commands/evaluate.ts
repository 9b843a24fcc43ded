import { evaluateFiles, parseBinning } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, nameList, withCommonOptions } from '../command-context.js'
import { evaluationText } from '../evaluation-text.js'

interface EvaluateOptions extends CommonOptions {
  readonly against?: readonly string[]
  readonly bins: readonly string[]
  readonly other: readonly string[]
  readonly residuals?: string
  readonly report?: string
}

/** `astrolabel evaluate`: labels against truth. */
export function addEvaluate(program: Command): void {
  withCommonOptions(
    program
      .command('evaluate')
      .description('compare labels with true ones: statistics, errors checked, trends, outliers with reasons')
      .argument('<labels>', 'predicted labels (.arrow, .parquet, .csv, .fits)')
      .argument('<truth>', 'table of true labels with a column that names the stars')
      .option('--against <columns>', 'further columns to look for trends with, separated by commas', nameList)
      .option(
        '--bins <column:bins>',
        'statistics in bins: so many of equal count, or edges, such as teff:5 or snr:0,50,100,inf (repeatable)',
        collect,
        [],
      )
      .option(
        '--other <file>',
        'labels of another model, to tell a bad truth from a bad prediction (repeatable)',
        collect,
        [],
      )
      .option('--residuals <file>', 'table of residuals to write (.arrow, .parquet, .csv, .fits)')
      .option('--report <file>', 'page with tables and pictures to write (.html)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  astrolabel evaluate labels.arrow truth.csv --bins snr:4 --report evaluation.html',
    )
    .action((labels: string, truth: string, options: EvaluateOptions) =>
      inContext(options, async ({ result }) => {
        const { seed, against, other, residuals, report } = options
        const bins = options.bins.map(parseBinning)
        const evaluation = await evaluateFiles(labels, truth, { seed, against, bins, others: other, residuals, report })
        result(evaluation, evaluationText(evaluation))
      }),
    )
}

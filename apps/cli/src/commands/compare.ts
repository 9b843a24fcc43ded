import { compareFiles } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'
import { comparisonText } from '../evaluation-text.js'

interface CompareOptions extends CommonOptions {
  readonly truth: string
  readonly report?: string
}

/** `astrolabel compare`: several models on the same stars. */
export function addCompare(program: Command): void {
  withCommonOptions(
    program
      .command('compare')
      .description('compare models star by star: which is better, by how much, how sure')
      .argument('<models...>', 'labels of two models or more, or folders of runs; NAME=PATH gives a name')
      .requiredOption('--truth <file>', 'table of true labels with a column that names the stars')
      .option('--report <file>', 'page with tables and pictures to write (.html)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  astrolabel compare cannon=runs/miles forest=forest-labels.csv --truth truth.csv',
    )
    .action((models: string[], options: CompareOptions) =>
      inContext(options, async ({ result }) => {
        const { seed, truth, report } = options
        const comparison = await compareFiles(models, truth, { seed, report })
        result(comparison, comparisonText(comparison))
      }),
    )
}

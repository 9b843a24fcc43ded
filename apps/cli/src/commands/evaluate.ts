import { evaluateFiles } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'
import { evaluationText } from '../evaluation-text.js'

/** `astrolabel evaluate`: labels against truth. */
export function addEvaluate(program: Command): void {
  withCommonOptions(
    program
      .command('evaluate')
      .description('compare labels with true ones, star by star')
      .argument('<labels>', 'predicted labels (.arrow, .parquet, .csv, .fits)')
      .argument('<truth>', 'table of true labels with a column that names the stars'),
  ).action((labels: string, truth: string, options: CommonOptions) =>
    inContext(options, async ({ result }) => {
      const evaluation = await evaluateFiles(labels, truth, { seed: options.seed })
      result(evaluation, evaluationText(evaluation))
    }),
  )
}

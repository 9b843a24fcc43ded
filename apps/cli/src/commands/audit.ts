import { auditModel, writeAuditFigure } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { auditText } from '../audit-text.js'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, positiveNumber, withCommonOptions } from '../command-context.js'

interface AuditOptions extends CommonOptions {
  readonly forward?: string
  readonly truth?: string
  readonly train?: string
  readonly permutations?: number
  readonly set: readonly string[]
  readonly windows?: string
  readonly stars: number
  readonly figure?: string
}

/** `astrolabel audit`: does a model measure its labels, or guess them from each other? */
export function addAudit(program: Command): void {
  withCommonOptions(
    program
      .command('audit')
      .description('does a model measure each label, or guess it from the others? Were test stars trained on?')
      .argument('<model>', 'model (.arrow)')
      .argument('<spectra>', 'spectra that it was not trained on (.arrow)')
      .option('--forward <model>', 'model that gives spectra for labels (default: the model itself where it does)')
      .option('--truth <file>', 'table of true labels by star_id (default: those that travel with the spectra)')
      .option('--train <file>', 'spectra that it was trained on: looks for test stars among them (.arrow)')
      .option('--permutations <n>', 'trainings on shuffled labels of --train (default: none)', positiveNumber)
      .option('--set <key=value>', 'option of the model for these trainings (repeatable)', collect, [])
      .option('--windows <file>', 'table of label, start, end (Å): lines of each label')
      .option('--stars <n>', 'most stars to look at', positiveNumber, 2000)
      .option('--figure <file>', 'picture of the cross-talk matrix to write (.svg)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  astrolabel audit model.arrow test.arrow --train train.arrow --figure cross-talk.svg',
    )
    .action((model: string, spectra: string, options: AuditOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('audit')
        const { forward, truth, train, permutations = 0, windows, stars, seed, figure } = options
        const report = await auditModel(
          { model, spectra, forward, truth, train, permutations, settings: options.set, windows, most: stars, seed },
          { signal, onProgress: stage.progress },
        )
        // The audits took their time: they are told even where there is nothing to draw.
        if (figure !== undefined && report.crossTalk === null && report.lines === null)
          reporter.warn('There is no cross-talk to draw. Give a forward model or line windows')
        else if (figure !== undefined) await writeAuditFigure(report, figure)
        stage.finish(`${report.stars} stars`)
        result(report, auditText(report))
      }),
    )
}

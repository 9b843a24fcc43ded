import { applyCalibration, calibrateFiles, parseBinning } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, nameList, withCommonOptions } from '../command-context.js'
import { calibrationText } from '../evaluation-text.js'
import { requireSecond } from '../require-second.js'

interface CalibrateOptions extends CommonOptions {
  readonly levels: readonly number[]
  readonly by?: string
  readonly absolute?: boolean
  readonly asymmetric?: boolean
  readonly apply?: string
  readonly out: string
}

/** `astrolabel calibrate`: intervals that cover as often as they say, for any model. */
export function addCalibrate(program: Command): void {
  withCommonOptions(
    program
      .command('calibrate')
      .description(
        'find how wide intervals have to be to cover as often as they say, whatever the model and its errors',
      )
      .argument('<labels>', 'labels of stars that the model was not trained on; with --apply, any labels of the model')
      .argument('[truth]', 'table of their true labels')
      .option('--levels <shares>', 'shares of new stars to cover', shares, [0.68, 0.95])
      .option(
        '--by <column:groups>',
        'groups of stars with intervals of their own: inner edges or how many, such as snr:50,100, snr:50,inf or teff:3',
      )
      .option('--absolute', 'the same width for all stars of a group, not in units of their errors')
      .option('--asymmetric', 'as much missed below as above, not the same width at both sides')
      .option('--apply <calibration>', 'write the labels with the intervals of this calibration (.json)')
      .requiredOption('-o, --out <file>', 'calibration to write (.json); with --apply, labels'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  astrolabel calibrate held-out.arrow truth.csv --by snr:50,100 -o calibration.json\n  astrolabel calibrate labels.arrow --apply calibration.json -o labels-with-intervals.csv\n  astrolabel label model.arrow NEW/ --calibration calibration.json -o labels.csv',
    )
    .action((labels: string, truth: string | undefined, options: CalibrateOptions) =>
      inContext(options, async ({ result }) => {
        const { seed, levels, by, absolute, asymmetric, apply, out } = options
        if (apply !== undefined) {
          const applied = await applyCalibration(labels, apply, out)
          result(applied, `${applied.stars} stars in ${out} with ${applied.columns.join(', ')}`)
          return
        }
        const summary = await calibrateFiles(labels, requireSecond(truth, program, 'calibrate'), out, {
          seed,
          levels,
          score: absolute === true ? 'absolute' : 'normalised',
          sides: asymmetric === true ? 'asymmetric' : 'symmetric',
          groups: by === undefined ? undefined : parseBinning(by),
        })
        result({ out, ...summary.calibration }, `${calibrationText(summary.calibration)}\ncalibration in ${out}`)
      }),
    )
}

function shares(text: string): number[] {
  const values = nameList(text).map(Number)
  if (values.length === 0 || values.some((value) => !(value > 0 && value < 1)))
    throw new InvalidArgumentError('Shares between 0 and 1 are needed, such as 0.68,0.95.')
  return values
}

import { applyHomogenisation, homogeniseFiles } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, nameList, positiveNumber, withCommonOptions } from '../command-context.js'
import { homogenisationText } from '../evaluation-text.js'
import { requireSecond } from '../require-second.js'

interface HomogeniseOptions extends CommonOptions {
  readonly labels?: readonly string[]
  readonly trend: 'constant' | 'linear' | 'spline'
  readonly in?: readonly string[]
  readonly knots?: number | readonly number[]
  readonly folds: number
  readonly apply?: string
  readonly out: string
}

/** `astrolabel homogenise`: labels of one survey on the scale of another. */
export function addHomogenise(program: Command): void {
  withCommonOptions(
    program
      .command('homogenise')
      .description('bring the labels of survey A to the scale of survey B, from the stars that both have')
      .argument('<a>', 'labels of A; with --apply, any labels of A')
      .argument('[b]', 'labels of B, with the same star ids')
      .option('--labels <names>', 'labels to map, separated by commas (default: all that both have)', nameList)
      .addOption(
        new Option('--trend <kind>', 'bias: constant, linear in several labels, or a spline of the label itself')
          .choices(['constant', 'linear', 'spline'])
          .default('linear'),
      )
      .option('--in <labels>', 'labels that it may depend on besides itself (default: teff,logg,fe_h,m_h)', nameList)
      .option('--knots <knots>', 'of the spline: how many (default: 4), or where, separated by commas', knots)
      .option('--folds <n>', 'folds of the held-out check', positiveNumber, 5)
      .option('--apply <map>', 'write the labels as this map changes them (.json)')
      .requiredOption('-o, --out <file>', 'map to write (.json); with --apply, labels'),
  )
    .addHelpText(
      'after',
      '\nExamples:\n  astrolabel homogenise lamost.csv apogee.csv --trend spline -o map.json\n  astrolabel homogenise lamost-all.csv --apply map.json -o lamost-on-apogee.csv',
    )
    .action((a: string, b: string | undefined, options: HomogeniseOptions) =>
      inContext(options, async ({ reporter, result }) => {
        const { seed, labels, trend, knots: places, folds, apply, out } = options
        if (apply !== undefined) {
          const applied = await applyHomogenisation(a, apply, out)
          result(applied, `${applied.stars} stars in ${out} with ${applied.columns.join(', ')}`)
          return
        }
        const map = await homogeniseFiles(a, requireSecond(b, program, 'homogenise'), out, {
          seed,
          labels,
          trend,
          predictors: options.in,
          knots: places,
          folds,
        })
        for (const [name, { held_out }] of Object.entries(map.labels))
          if (held_out.verdict === 'harms')
            reporter.warn(`The map of ${name} does harm on held-out stars: do not use it`)
        result({ out, ...map }, `${homogenisationText(map)}\nmap in ${out}`)
      }),
    )
}

function knots(text: string): number | number[] {
  const values = nameList(text).map(Number)
  const [first] = values
  if (first === undefined || values.some(Number.isNaN))
    throw new InvalidArgumentError('A number of knots, or their places separated by commas, is needed.')
  return values.length === 1 ? first : values
}

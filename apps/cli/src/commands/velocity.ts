import { velocityFile } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'

interface VelocityOptions extends CommonOptions {
  readonly templates: string
  readonly range?: readonly [number, number]
  readonly continuum?: number
  readonly all?: boolean
  readonly out: string
}

/** `astrolabel velocity`: radial velocities by cross-correlation. */
export function addVelocity(program: Command): void {
  withCommonOptions(
    program
      .command('velocity')
      .description('measure radial velocities by cross-correlation with templates, for stars that have none')
      .argument('<spectra>', 'spectra (.arrow)')
      .requiredOption('--templates <file>', 'spectra at rest to compare with (.arrow or .npz)')
      .option('--range <low,high>', 'velocities to search, km/s (default: -1000,1000)', velocityRange)
      .option('--continuum <width>', 'window over which the continuum is taken, km/s (default: 6000)', width)
      .option('--all', 'measure stars that have a velocity too')
      .requiredOption('-o, --out <file>', 'the spectra with their velocities (.arrow)'),
  ).action((input: string, options: VelocityOptions) =>
    inContext(options, async ({ reporter, signal, result }) => {
      const { templates, range, continuum } = options
      const stage = reporter.stage('velocity')
      const summary = await velocityFile(
        input,
        options.out,
        {
          templates,
          ...(range === undefined ? {} : { range }),
          ...(continuum === undefined ? {} : { continuum }),
          stars: options.all === true ? 'all' : 'missing',
        },
        { signal, onProgress: stage.progress },
      )
      stage.finish(`${summary.stars} stars`)
      const flags = Object.entries(summary.flags).map(([name, count]) => `, ${count} ${name}`)
      const error = summary.measured === 0 ? '' : `, median error ${summary.medianError.toPrecision(2)} km/s`
      result(
        { out: options.out, ...summary, medianError: summary.measured === 0 ? null : summary.medianError },
        `${summary.measured} of ${summary.stars} velocities measured${error}${flags.join('')}; in ${options.out}`,
      )
    }),
  )
}

function velocityRange(text: string): [number, number] {
  const [low, high, ...rest] = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)))
  if (low === undefined || high === undefined || rest.length > 0 || !(low < high))
    throw new InvalidArgumentError('Expected two velocities in km/s, the smaller first: -300,300')
  return [low, high]
}

function width(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('Expected a width in km/s')
  return value
}

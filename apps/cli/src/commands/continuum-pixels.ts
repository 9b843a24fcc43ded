import { findContinuumPixels } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'

interface PixelOptions extends CommonOptions {
  readonly fraction?: number
  readonly depth?: number
  readonly bin?: number
  readonly perBin?: number
  readonly limit?: number
  readonly splits?: readonly number[]
  readonly out: string
}

/** `astrolabel continuum-pixels`: pixels that tell the continuum, for a second round of normalisation. */
export function addContinuumPixels(program: Command): void {
  withCommonOptions(
    program
      .command('continuum-pixels')
      .description('find the pixels that depend least on the labels, for a continuum step with pixels: FILE')
      .argument('<file>', 'normalised spectra of training stars, or a Cannon trained on them (.arrow)')
      .option('--fraction <x>', 'part of the pixels of each arm to take (0.1)', number)
      .option('--depth <x>', 'how far below the envelope they may lie, as a part of it (0.05)', number)
      .option('--bin <angstrom>', 'width of the bins that each get pixels (a twentieth of the arm)', number)
      .option('--per-bin <n>', 'pixels that each bin gets at least (3)', number)
      .option('--limit <x>', 'leave a bin short rather than take pixels that change by more (none)', number)
      .option('--splits <list>', 'wavelengths at which arms are split, as 6000 or 15833,16455', numbers)
      .requiredOption('-o, --out <file>', 'list to write (.json)'),
  ).action((input: string, options: PixelOptions) =>
    inContext(options, async ({ reporter, signal, result }) => {
      const { fraction, depth, bin, perBin, limit, splits } = options
      const stage = reporter.stage('continuum-pixels')
      const given = Object.entries({ fraction, depth, bin, perBin, limit, splits }).filter(
        ([, value]) => value !== undefined,
      )
      const summary = await findContinuumPixels(input, options.out, Object.fromEntries(given), {
        signal,
        onProgress: stage.progress,
      })
      stage.finish(`${summary.pixels} pixels`)
      result(
        { out: options.out, ...summary },
        `${summary.pixels} of ${summary.of} pixels in ${options.out}, ${summary.filled} of them to fill gaps; ` +
          `their flux changes by up to ${summary.sensitivity.toPrecision(2)}`,
      )
    }),
  )
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.')
  return value
}

function numbers(text: string): number[] {
  return text.split(',').map(number)
}

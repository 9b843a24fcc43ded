import { loadChain, preprocessFile } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, positiveNumber, withCommonOptions } from '../command-context.js'

interface PreprocessOptions extends CommonOptions {
  readonly recipe: string
  readonly catalog?: string
  readonly out: string
  readonly show?: number
}

/** `astrolabel preprocess`: a chain of steps on spectra. */
export function addPreprocess(program: Command): void {
  withCommonOptions(
    program
      .command('preprocess')
      .description('mask, stitch, shift, resample and normalise spectra by a named chain or one in YAML')
      .argument('<spectra>', 'spectra (.arrow)')
      .requiredOption('--recipe <name>', 'desi, sdss, apogee, miles, or a YAML file with a list of steps (or a recipe)')
      .option('--catalog <file>', 'table of columns to join by star_id first, such as matches with velocities')
      .requiredOption('-o, --out <file>', 'spectra to write (.arrow)')
      .option('--show <n>', 'pictures of the first n stars before and after, into the folder OUT.show', positiveNumber),
  ).action((input: string, options: PreprocessOptions) =>
    inContext(options, async ({ reporter, signal, result }) => {
      const stage = reporter.stage('preprocess')
      const summary = await preprocessFile(
        input,
        options.out,
        {
          steps: await loadChain(options.recipe),
          catalog: options.catalog,
          show: options.show === undefined ? undefined : { stars: options.show, folder: `${options.out}.show` },
        },
        reporter,
        { signal, onProgress: stage.progress },
      )
      stage.finish(`${summary.stars} stars`)
      result(
        { out: options.out, ...summary },
        `${summary.stars} spectra in ${options.out}${summary.bad > 0 ? `, ${summary.bad} without a good pixel` : ''}` +
          (summary.figures.length > 0 ? `, ${summary.figures.length} pictures in ${options.out}.show` : ''),
      )
    }),
  )
}

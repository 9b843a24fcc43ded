import { loadChain, preprocessFile } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, withCommonOptions } from '../command-context.js'

interface PreprocessOptions extends CommonOptions {
  readonly recipe: string
  readonly catalog?: string
  readonly out: string
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
      .requiredOption('-o, --out <file>', 'spectra to write (.arrow)'),
  ).action((input: string, options: PreprocessOptions) =>
    inContext(options, async ({ reporter, signal, result }) => {
      const stage = reporter.stage('preprocess')
      const summary = await preprocessFile(
        input,
        options.out,
        { steps: await loadChain(options.recipe), catalog: options.catalog },
        reporter,
        { signal, onProgress: stage.progress },
      )
      stage.finish(`${summary.stars} stars`)
      result(
        { out: options.out, ...summary },
        `${summary.stars} spectra in ${options.out}${summary.bad > 0 ? `, ${summary.bad} without a good pixel` : ''}`,
      )
    }),
  )
}

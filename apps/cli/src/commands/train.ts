import { MODEL_KINDS, loadChain, parseSelection, parseTrainSettings, trainFile } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, nameList, withCommonOptions } from '../command-context.js'

interface TrainOptions extends CommonOptions {
  readonly labels: readonly string[]
  readonly set: readonly string[]
  readonly select?: string
  readonly recipe?: string
  readonly catalog?: string
  readonly out: string
}

/** `astrolabel train`: a model of the labels that travel with spectra. */
export function addTrain(program: Command): void {
  withCommonOptions(
    program
      .command('train')
      .description('train a model; raw spectra go through the usual chain of their survey first, which the model keeps')
      .addArgument(new Argument('<kind>', 'kind of model').choices(MODEL_KINDS))
      .argument('<spectra>', 'spectra with labels (.arrow)')
      .option('--labels <names>', 'labels to learn, separated by commas', nameList, ['teff', 'logg', 'fe_h'])
      .option(
        '--set <key=value>',
        'option of the model: order, transforms.teff, scatter, margin, errorFolds (repeatable)',
        collect,
        [],
      )
      .option(
        '--select <expression>',
        'train on the stars that it selects, such as "4000 < teff < 7000 and not starflag.BAD_PIXELS"',
      )
      .option(
        '--recipe <name>',
        'chain for raw spectra: a name, a YAML file, or none (default: the usual one of the survey)',
      )
      .option('--catalog <file>', 'table of labels to join by star_id')
      .requiredOption('-o, --out <file>', 'model to write (.arrow)'),
  )
    .addHelpText(
      'after',
      '\nExample:\n  astrolabel train cannon miles.arrow --labels teff,logg,fe_h --set order=3 --set transforms.teff=inverse -o model.arrow',
    )
    .action((kind: string, input: string, options: TrainOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('train')
        const { labels, set, select, recipe, catalog, out, seed } = options
        const steps = recipe === undefined ? undefined : await loadChain(recipe)
        const summary = await trainFile(
          input,
          out,
          {
            train: parseTrainSettings(kind, labels, set),
            seed,
            steps,
            catalog,
            selection: select === undefined ? undefined : parseSelection(select),
          },
          reporter,
          { signal, onProgress: stage.progress },
        )
        stage.finish(`${summary.stars} stars, ${summary.pixels} pixels`)
        result(
          { out, ...summary },
          `${kind} of ${summary.labels.join(', ')} trained on ${summary.stars} stars × ${summary.pixels} pixels in ${out}`,
        )
      }),
    )
}

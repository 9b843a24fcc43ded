import { MODEL_KINDS, loadChain, parseSelection, parseTrainSettings, trainFile, trainHelp } from '@astrolabel/pipeline'
import type { TrainSummary } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { Argument, Option } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, nameList, withCommonOptions } from '../command-context.js'

interface TrainOptions extends CommonOptions {
  readonly labels: readonly string[]
  readonly set: readonly string[]
  readonly search?: string
  readonly try: readonly string[]
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
        'option of the model, such as order=3, pca.components=50, transforms.teff=inverse (repeatable; listed below)',
        collect,
        [],
      )
      .addOption(
        new Option(
          '--search <method>',
          'find parameters by cross-validation within the training stars; its table and picture go beside the model',
        ).choices(['grid', 'random', 'halving']),
      )
      .option(
        '--try <parameter=values>',
        'values for the search, such as pca.components=[50,100] (repeatable; usual ones otherwise)',
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
      `\n${trainHelp()}\n\nExamples:\n  astrolabel train cannon miles.arrow --labels teff,logg,fe_h --set order=3 --set transforms.teff=inverse -o model.arrow\n  astrolabel train forest desi.arrow --search grid --try 'pca.components=[50,100]' --try 'forest.maxDepth=[8,none]' -o model.arrow`,
    )
    .action((kind: string, input: string, options: TrainOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('train')
        const { labels, set, search, select, recipe, catalog, out, seed, threads } = options
        const steps = recipe === undefined ? undefined : await loadChain(recipe)
        const summary = await trainFile(
          input,
          out,
          {
            train: parseTrainSettings(kind, labels, set, { method: search, tries: options.try }),
            seed,
            steps,
            catalog,
            selection: select === undefined ? undefined : parseSelection(select),
          },
          reporter,
          { signal, threads, onProgress: stage.progress },
        )
        stage.finish(`${summary.stars} stars, ${summary.pixels} pixels`)
        result(
          { out, ...summary },
          `${searchText(summary.search)}${kind} of ${summary.labels.join(', ')} trained on ${summary.stars} stars × ${summary.pixels} pixels in ${out}`,
        )
      }),
    )
}

/** What a search found, in lines of its own. */
function searchText(search: TrainSummary['search']): string {
  if (search === undefined) return ''
  const best = Object.entries(search.best).map(([name, value]) => `${name}=${value ?? 'none'}`)
  return `best of ${search.candidates} candidates: ${best.join(' ')} (score ${search.score.toFixed(4)} ± ${search.scoreStd.toFixed(4)} of the labels’ spread)\ntable and picture: ${search.folder}\n`
}

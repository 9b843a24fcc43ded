import { embedFiles, loadChain } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { Option } from 'commander'
import type { CommonOptions } from '../command-context.js'
import { inContext, positiveNumber, positiveReal, withCommonOptions } from '../command-context.js'

interface EmbedOptions extends CommonOptions {
  readonly method: 'tsne' | 'pca'
  readonly recipe?: string
  readonly components: number
  readonly perplexity: number
  readonly stars: number
  readonly figure?: string
  readonly out: string
}

/** `astrolabel embed`: spectra on a map. */
export function addEmbed(program: Command): void {
  withCommonOptions(
    program
      .command('embed')
      .description('put spectra on a map, and tell how far files of them lie apart (the synthetic gap)')
      .argument('<spectra...>', 'spectra (.arrow); each file is a set with a colour of its own')
      .addOption(
        new Option('--method <name>', 'tsne keeps neighbours, pca distances').choices(['tsne', 'pca']).default('tsne'),
      )
      .option('--recipe <name>', 'chain for raw spectra: a name, a YAML file, or none (default: that of the survey)')
      .option('--components <n>', 'principal components that spectra are compared by', positiveNumber, 50)
      .option('--perplexity <x>', 'how many neighbours a spectrum feels, for tsne', positiveReal, 30)
      .option('--stars <n>', 'most stars of a file; the rest is left out by lot', positiveNumber, 5000)
      .option('--figure <file>', 'picture of the map to write (.svg)')
      .requiredOption('-o, --out <file>', 'map to write: star_id, set, x, y (.arrow, .parquet, .csv, .fits)'),
  )
    .addHelpText('after', '\nExample:\n  astrolabel embed synthetic.arrow observed.arrow -o map.arrow --figure map.svg')
    .action((paths: string[], options: EmbedOptions) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const stage = reporter.stage('embed')
        const { method, recipe, components, perplexity, stars, seed, figure, out } = options
        const steps = recipe === undefined ? undefined : await loadChain(recipe)
        const summary = await embedFiles(
          { paths, method, steps, components, perplexity, most: stars, seed, figure },
          out,
          { signal, onProgress: stage.progress },
        )
        stage.finish(`${summary.stars} stars`)
        const quality =
          summary.trustworthiness === null ? '' : `, trustworthiness ${summary.trustworthiness.toFixed(3)}`
        result(
          { out, ...summary },
          `${summary.stars} spectra in ${summary.components} components (${(100 * summary.explained).toFixed(0)} % of the variance) on a map in ${out}${quality}` +
            (summary.gap === null ? '' : `\n${summary.gap.text}`),
        )
      }),
    )
}

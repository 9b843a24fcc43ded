import { parseRecipe, runRecipe } from '@astrolabel/pipeline'
import type { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type { CommonOptions } from '../command-context.js'
import { collect, inContext, withCommonOptions } from '../command-context.js'
import { evaluationText } from '../evaluation-text.js'

interface RunOptions extends CommonOptions {
  readonly set: readonly string[]
  readonly out?: string
}

/** `astrolabel run`: a recipe from survey files to judged labels. */
export function addRun(program: Command): void {
  withCommonOptions(
    program
      .command('run')
      .description('run a recipe: survey files to labels, judged on held-out stars, with a report')
      .argument('<recipe>', 'recipe in YAML')
      .option('--set <key=value>', 'change a key of the recipe, dots between nested keys (repeatable)', collect, [])
      .option('-o, --out <folder>', 'run folder; a folder of an earlier run is gone on with (default: runs/NAME)'),
  )
    .addHelpText('after', '\nExample:\n  astrolabel run recipes/miles.yaml --set data=miles --set train.order=3')
    .action((path: string, options: RunOptions, command: Command) =>
      inContext(options, async ({ reporter, signal, result }) => {
        const seed = command.getOptionValueSource('seed') === 'cli' ? [`seed=${options.seed}`] : []
        const recipe = parseRecipe(await readFile(path, 'utf8'), path, [...options.set, ...seed])
        const out = options.out ?? join('runs', basename(path, extname(path)))
        const summary = await runRecipe(recipe, { out, signal, threads: options.threads }, reporter)
        result(
          { ...summary, ...summary.evaluation },
          `${evaluationText(summary.evaluation)}\n\nreport: ${summary.files['report']}\nmodel:  ${summary.files['model']}`,
        )
      }),
    )
}

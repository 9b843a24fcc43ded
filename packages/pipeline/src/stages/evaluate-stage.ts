import { evaluateLabels } from '@astrolabel/metrics'
import { RandomStream } from '@astrolabel/spectra'
import { readLabels } from '../operations/evaluate-files.js'
import type { Stage } from '../run/run-folder.js'
import { writeAside } from '../run/write-aside.js'
import type { StageContext } from './stage-context.js'

/** Labels of held-out stars against the truth; the evaluation is in the stage's summary, too. */
export function evaluateStage(context: StageContext): Stage {
  const { seed, evaluate } = context.recipe
  return {
    name: 'evaluate',
    options: { seed, bootstrap: evaluate.bootstrap },
    inputs: [context.labels, context.truthFile ?? context.spectra],
    outputs: ['metrics.json'],
    run: async ([out]) => {
      const bootstrap =
        evaluate.bootstrap === 0
          ? undefined
          : { samples: evaluate.bootstrap, level: 0.68, random: RandomStream.fromSeed(seed) }
      const evaluation = evaluateLabels(await readLabels(context.labels), await context.truth(), { bootstrap })
      await writeAside(out!, `${JSON.stringify(evaluation, null, 2)}\n`)
      return { text: `${evaluation.n} stars compared`, summary: { evaluation } }
    },
  }
}

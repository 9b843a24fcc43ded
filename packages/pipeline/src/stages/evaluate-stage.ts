import { evaluateFully, readLabels } from '../operations/evaluate-files.js'
import type { Stage } from '../run/run-folder.js'
import { writeAside } from '../run/write-aside.js'
import type { StageContext } from './stage-context.js'

/** Labels of held-out stars against the truth; the evaluation is in the stage's summary, too. */
export function evaluateStage(context: StageContext): Stage {
  const { seed, evaluate } = context.recipe
  return {
    name: 'evaluate',
    // Evaluations of format 1 had statistics alone.
    options: { seed, bootstrap: evaluate.bootstrap, format: 2 },
    inputs: [context.labels, context.truthFile ?? context.spectra],
    outputs: ['metrics.json'],
    run: async ([out]) => {
      const labels = await readLabels(context.labels)
      const evaluation = evaluateFully(labels, await context.truth(), { seed, samples: evaluate.bootstrap })
      await writeAside(out!, `${JSON.stringify(evaluation, null, 2)}\n`)
      return { text: `${evaluation.n} stars compared`, summary: { evaluation } }
    },
  }
}

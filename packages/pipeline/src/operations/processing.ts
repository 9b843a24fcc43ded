import type { PreprocessStep } from '@astrolabel/preprocess'
import { preprocess, recipes as chains } from '@astrolabel/preprocess'
import type { HistoryEntry, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'

/** The processing that spectra have gone through since their files were read, as steps that can be replayed. */
export function stepsDone(spectra: Spectra): HistoryEntry[] {
  return spectra.meta.history.filter((entry) => entry.step !== 'ingest')
}

/** The chain that is usual for a survey; none for spectra that come from elsewhere. */
export function usualChain(survey: string): readonly PreprocessStep[] {
  return Object.hasOwn(chains, survey) ? chains[survey as keyof typeof chains] : []
}

/**
 * Bring spectra to where a model's were when it was trained: all of its steps for raw spectra, the rest of them for
 * spectra that went part of the way, nothing for those that went all of it.
 *
 * @throws `label/other-processing` when the spectra went another way, `label/other-spectra` when they cannot go the
 * model's way.
 */
export function replayProcessing(spectra: Spectra, steps: readonly HistoryEntry[], options: RunOptions = {}): Spectra {
  const done = stepsDone(spectra)
  const differs = done.findIndex((entry, i) => JSON.stringify(entry) !== JSON.stringify(steps[i]))
  if (differs >= 0) {
    throw new AstrolabelError(
      'label/other-processing',
      'The spectra were processed in another way than those the model was trained on',
      {
        got: done.map((entry) => entry.step),
        expected: steps.map((entry) => entry.step),
        remedy: 'Give the raw spectra: the model replays its own processing',
      },
    )
  }
  const rest = steps
    .slice(done.length)
    .map((entry) => ({ step: entry.step, ...entry.options }) as unknown as PreprocessStep)
  if (rest.length === 0) return spectra
  try {
    return preprocess(spectra, rest, options)
  } catch (cause) {
    if (!(cause instanceof AstrolabelError) || !/^(?:preprocess|table)\//.test(cause.code)) throw cause
    const missing = cause.code === 'table/no-column'
    throw new AstrolabelError(
      'label/other-spectra',
      'The spectra cannot be processed as those the model was trained on',
      {
        got: missing ? cause.message.split(':')[0] : cause.message,
        expected: `spectra for the steps ${rest.map(({ step }) => step).join(', ')}`,
        remedy: missing
          ? 'Give a table that has it, by star_id: --catalog'
          : 'Give raw spectra of the survey that the model was trained on',
        cause,
      },
    )
  }
}

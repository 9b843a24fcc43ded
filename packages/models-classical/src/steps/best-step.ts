import type { Candidate } from '../best/candidates.js'
import { CANDIDATES } from '../best/candidates.js'
import type { Best } from '../best/train-best.js'
import { predictBest, trainBest } from '../best/train-best.js'
import type { ParameterSpec } from '../pipeline/parameters.js'
import type { Estimator } from '../pipeline/step.js'
import { plainEstimator } from './plain-estimator.js'

/** The parameter that says whether a candidate is tried, and what it is called there. */
const SWITCHES: readonly { readonly candidate: Candidate; readonly spec: ParameterSpec }[] = [
  { candidate: 'ridge', spec: toggle('ridge', 'Try a ridge.') },
  { candidate: 'kernel-ridge', spec: toggle('kernelRidge', 'Try a kernel ridge.') },
  { candidate: 'gp', spec: toggle('gp', 'Try Gaussian processes.') },
  {
    candidate: 'gp-student',
    spec: toggle('gpStudent', 'Try Gaussian processes with Student’s noise, which wrong labels do not bend.'),
  },
  { candidate: 'forest', spec: toggle('forest', 'Try a random forest.') },
]

/** The best of several models for each label, by the stars left out. */
export const bestStep: Estimator = plainEstimator<Best>({
  kind: 'best',
  summary: 'the best of several models for each label, or their best mean, by the stars left out of them',
  before: ['scale', 'pca'],
  // Calibrated on what each star is given when it is left out of the models and of the choice.
  errorFolds: 0,
  parameters: [
    {
      name: 'combine',
      kind: 'word',
      default: 'stack',
      words: ['choose', 'stack'],
      help: 'Choose one model for each label, or take their mean by the weights that are best.',
    },
    ...SWITCHES.map(({ spec }) => spec),
    {
      name: 'searchRows',
      kind: 'integer',
      default: 500,
      min: 3,
      help: 'Most stars that hyperparameters of Gaussian processes are sought on.',
    },
  ],
  usualSearch: { 'pca.components': [25, 50, 100] },
  train: (data, parameters, { seed, signal, onProgress }) =>
    trainBest(data, {
      candidates: CANDIDATES.filter((name) =>
        SWITCHES.some((one) => one.candidate === name && parameters[one.spec.name] === true),
      ),
      combine: parameters['combine'] as 'choose' | 'stack',
      searchRows: parameters['searchRows'] as number,
      seed,
      signal,
      onProgress,
    }),
  predict: predictBest,
  findings: ({ members, labels, skipped }, names) => ({
    ...Object.fromEntries(
      labels.flatMap(({ weights, tried, leftOutError }, l): [string, string][] => [
        [
          `${names[l]} is given by`,
          members
            .flatMap(({ name }, m) => (weights[m]! > 0 ? [`${name} × ${weights[m]!.toFixed(2)}`] : []))
            .join(' + '),
        ],
        [
          `mean left-out difference of ${names[l]}, in its spread`,
          [...Object.entries(tried), ['together', leftOutError] as const]
            .map(([name, error]) => `${name} ${error.toFixed(4)}`)
            .join(', '),
        ],
      ]),
    ),
    ...(skipped.length === 0 ? {} : { 'too many stars for': skipped.join(', ') }),
  }),
})

function toggle(name: string, help: string): ParameterSpec {
  return { name, kind: 'boolean', default: true, help }
}

import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, throwIfAborted } from '@astrolabel/spectra'
import type { ParameterValues } from '../pipeline/parameters.js'
import type { Pipeline } from '../pipeline/pipeline.js'
import type { TrainingData } from '../pipeline/training-data.js'
import type { SearchSplit } from './fold-fits.js'
import { halvingRounds, thinSplits } from './halving.js'
import type { RankedCandidate } from './rank-candidates.js'
import { labelSpread, rankCandidates, withRanks } from './rank-candidates.js'
import type { FoldScore, SearchExecutor } from './score-candidates.js'
import { hereExecutor, scoreCandidates } from './score-candidates.js'
import type { SearchSpace } from './search-space.js'
import { checkSpace, gridCandidates, randomCandidates } from './search-space.js'

/** How a search goes. */
export interface SearchMethod {
  /** All combinations, some drawn at random, or few that are weeded out on more and more rows. */
  readonly method: 'grid' | 'random' | 'halving'
  readonly space: SearchSpace
  /** Combinations that `random` draws, and `halving` begins with where the space has ranges; 20. */
  readonly candidates?: number | undefined
  /** `halving` keeps one in so many each round; 3. */
  readonly factor?: number | undefined
}

/** What a search needs besides. */
export interface SearchOptions extends RunOptions {
  readonly seed?: number
  /** Where fits are done; the calling thread. */
  readonly executor?: SearchExecutor | undefined
  /** Scores of an earlier run of a round, by the places of its candidates. */
  readonly known?: (round: number, candidates: readonly ParameterValues[]) => readonly FoldScore[]
  /** Called as fits end. */
  readonly onScored?: (round: number, candidates: readonly ParameterValues[], scores: readonly FoldScore[]) => void
}

/** What a search found. */
export interface SearchResult {
  /** The best parameters, by nested name: only those that were searched. */
  readonly best: ParameterValues
  /** Candidates from best to worst; those that a halving dropped after those that it kept. */
  readonly ranked: readonly RankedCandidate[]
}

/** The candidates that a search begins with. @throws `search/space`, `pipeline/parameter`. */
export function searchCandidates(
  pipeline: Pipeline,
  { method, space, candidates = 20 }: SearchMethod,
  seed: number,
): ParameterValues[] {
  checkSpace(pipeline, space)
  const ranges = Object.values(space).some((choice) => !Array.isArray(choice))
  return method === 'grid' || (method === 'halving' && !ranges)
    ? gridCandidates(space)
    : randomCandidates(pipeline, space, candidates, RandomStream.fromSeed(seed))
}

/**
 * Find the parameters of a pipeline that predict rows best which the fit has not seen.
 *
 * Each step is fitted to the training rows of each split alone. The score is the root mean square error of each label in
 * units of its spread, averaged over labels and folds: see {@link RankedCandidate.score}.
 *
 * @param splits Folds; rows of one star must be on one side.
 * @throws what steps say of parameters that they cannot take, `search/no-score` when no fold has a label to judge by.
 */
export async function searchPipeline(
  pipeline: Pipeline,
  data: TrainingData,
  splits: readonly SearchSplit[],
  method: SearchMethod,
  options: SearchOptions = {},
): Promise<SearchResult> {
  const seed = options.seed ?? 1
  const executor = options.executor ?? hereExecutor(pipeline, data, seed)
  const candidates = searchCandidates(pipeline, method, seed)
  const spread = labelSpread(data)
  const rounds =
    method.method === 'halving'
      ? halvingRounds(candidates.length, method.factor ?? 3)
      : [{ candidates: candidates.length, share: 1 }]
  const total = rounds.reduce((sum, round) => sum + round.candidates * splits.length, 0)
  let before = 0
  let left = candidates.map((_, index) => index)
  const dropped: RankedCandidate[] = []
  let ranked: RankedCandidate[] = []
  for (const [round, { share, candidates: count }] of rounds.entries()) {
    throwIfAborted(options)
    for (const one of ranked.slice(count).toReversed()) dropped.unshift(one)
    if (round > 0) left = ranked.slice(0, count).map((one) => one.candidate)
    const parameters = left.map((index) => candidates[index]!)
    const thinned = thinSplits(splits, share, leastRows(pipeline, parameters), seed)
    const scores = await scoreCandidates(pipeline, parameters, thinned, executor, {
      signal: options.signal,
      known: options.known?.(round, parameters) ?? [],
      onScored: (done) => options.onScored?.(round, parameters, done),
      onProgress: (done) => options.onProgress?.(before + done, total),
    })
    before += parameters.length * splits.length
    const rows = Math.round(thinned.reduce((sum, { train }) => sum + train.length, 0) / thinned.length)
    ranked = rankCandidates(parameters, scores, splits.length, spread, rows).map((one) => ({
      ...one,
      candidate: left[one.candidate]!,
    }))
  }
  if (!Number.isFinite(ranked[0]!.score))
    throw new AstrolabelError('search/no-score', 'No fold has a star to judge the candidates by', {
      remedy: 'Use fewer folds or more stars with labels',
    })
  return { best: ranked[0]!.parameters, ranked: withRanks([...ranked, ...dropped]) }
}

/** Fewest rows that every candidate can be fitted to: a PCA has fewer components than rows. */
function leastRows(pipeline: Pipeline, candidates: readonly ParameterValues[]): number {
  const nested = pipeline.transformers.flatMap((step, i) =>
    step.nested === undefined ? [] : [`${pipeline.names[i]}.${step.nested}`],
  )
  const needed = candidates.flatMap((one) =>
    nested.map((name) => Number(pipeline.withParameters(one).parameters[name])),
  )
  return needed.reduce((most, value) => Math.max(most, value), 0) + 2
}

import { embeddingMap } from '@astrolabel/figures'
import type { SetMixing } from '@astrolabel/metrics'
import { principalMap, setMixing, trustworthiness, tsne } from '@astrolabel/metrics'
import type { PreprocessStep } from '@astrolabel/preprocess'
import { preprocess } from '@astrolabel/preprocess'
import type { RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, makeTable } from '@astrolabel/spectra'
import { basename, extname } from 'node:path'
import { writeTable } from '../formats/write-table.js'
import { writeAside } from '../run/write-aside.js'
import { stepsDone, usualChain } from './processing.js'
import { fitSpectralComponents, spectralScores } from './spectral-components.js'
import { sampleStars, stackStars } from './star-sample.js'

/** What to put on one map. */
export interface EmbedRequest {
  /** Spectra in Arrow files; each file is a set of its own, called as the file. */
  readonly paths: readonly string[]
  /** `tsne` keeps neighbours, `pca` distances. */
  readonly method: 'tsne' | 'pca'
  /** Processing of raw spectra; their survey's usual chain when undefined. */
  readonly steps?: readonly PreprocessStep[] | undefined
  /** Principal components that spectra are compared by. */
  readonly components: number
  readonly perplexity: number
  /** Most stars of a file; the rest is left out by lot. */
  readonly most: number
  readonly seed: number
  /** SVG of the map. */
  readonly figure?: string | undefined
}

/** What came of it. */
export interface EmbedSummary {
  readonly method: 'tsne' | 'pca'
  readonly stars: number
  readonly sets: readonly { readonly name: string; readonly stars: number; readonly read: number }[]
  readonly components: number
  /** Part of the variance that the components have. */
  readonly explained: number
  /** Kullback–Leibler divergence of a t-SNE map, nats; null for the other. */
  readonly divergence: number | null
  /** Of 12 neighbours; null for fewer than 25 stars. */
  readonly trustworthiness: number | null
  /** How far the sets lie apart among the components; null for one set. */
  readonly gap: SetMixing | null
}

const NEIGHBOURS = 12

/**
 * Put spectra of one or several files on one map, and tell how far the files lie apart: the synthetic gap, when one is of
 * synthetic spectra and another of observed ones.
 *
 * @param out Table of `star_id`, `set`, `x`, `y` by extension. @throws `embed/other-grid` when files differ in their
 * wavelengths, and what reading, processing and the map say; no file is left then.
 */
export async function embedFiles(request: EmbedRequest, out: string, run: RunOptions = {}): Promise<EmbedSummary> {
  const names = setNames(request.paths)
  const samples = []
  for (const path of request.paths) {
    const { spectra, read } = await sampleStars(path, request.most, request.seed, run)
    samples.push({ spectra: processed(spectra, request.steps, run), read })
  }
  const [first] = samples
  const odd = samples.findIndex(({ spectra }) => spectra.nPix !== first!.spectra.nPix)
  if (odd >= 0)
    throw new AstrolabelError('embed/other-grid', `${names[odd]} does not lie on the pixels of ${names[0]}`, {
      got: samples[odd]!.spectra.nPix,
      expected: first!.spectra.nPix,
      remedy: 'Preprocess them to one grid and resolution first',
    })
  // A map is looked at and nothing is predicted by it: what part a star is of does not matter here.
  const spectra = withoutParts(stackStars(samples.map((sample) => withoutParts(sample.spectra))))
  const set = samples.flatMap((sample, s) => Array.from({ length: sample.spectra.n }, () => names[s]!))
  const fitted = fitSpectralComponents(spectra, request.components, { signal: run.signal, seed: request.seed })
  const scores = {
    n: spectra.n,
    width: fitted.components.count,
    values: spectralScores(fitted, spectra),
  }
  const { map, divergence } = mapOf(scores, request, run)
  const gap =
    names.length < 2
      ? null
      : setMixing(scores, set, { k: Math.min(NEIGHBOURS, spectra.n - 1), random: RandomStream.fromSeed(request.seed) })
  const column = (at: number): Float64Array => Float64Array.from({ length: spectra.n }, (_, i) => map[2 * i + at]!)
  const [x, y] = [column(0), column(1)]
  await writeTable(
    out,
    makeTable([
      { name: 'star_id', values: spectra.starId },
      { name: 'set', values: set },
      { name: 'x', values: x },
      { name: 'y', values: y },
    ]),
  )
  if (request.figure !== undefined) {
    const labels = request.method === 'pca' ? { xLabel: 'first component', yLabel: 'second component' } : {}
    await writeAside(request.figure, embeddingMap({ x, y, set }, { title: titleOf(request.method, gap), ...labels }))
  }
  return {
    method: request.method,
    stars: spectra.n,
    sets: samples.map((sample, s) => ({ name: names[s]!, stars: sample.spectra.n, read: sample.read })),
    components: fitted.components.count,
    explained: fitted.components.explained.reduce((sum, part) => sum + part, 0),
    divergence,
    trustworthiness:
      spectra.n > 2 * NEIGHBOURS ? trustworthiness(scores, { n: spectra.n, width: 2, values: map }, NEIGHBOURS) : null,
    gap,
  }
}

type Scores = { readonly n: number; readonly width: number; readonly values: Float32Array }

function mapOf(
  scores: Scores,
  { method, perplexity, seed }: EmbedRequest,
  run: RunOptions,
): { map: Float64Array; divergence: number | null } {
  if (method === 'pca') return { map: principalMap(scores, 2, { seed }).scores, divergence: null }
  const found = tsne(scores, { perplexity, seed, ...run })
  return { map: found.map, divergence: found.divergence }
}

function processed(spectra: Spectra, steps: readonly PreprocessStep[] | undefined, run: RunOptions): Spectra {
  const todo = steps ?? (stepsDone(spectra).length === 0 ? usualChain(spectra.meta.survey) : [])
  return todo.length === 0 ? spectra : preprocess(spectra, todo, { signal: run.signal })
}

function withoutParts(spectra: Spectra): Spectra {
  const { parts: _, ...meta } = spectra.meta
  return { ...spectra, meta }
}

/** Names of files without folder and extension, each once. */
function setNames(paths: readonly string[]): string[] {
  const stems = paths.map((path) => basename(path, extname(path)))
  return stems.map((stem, i) => (stems.indexOf(stem) === i ? stem : `${stem} ${i + 1}`))
}

function titleOf(method: string, gap: SetMixing | null): string {
  const name = method === 'tsne' ? 't-SNE' : 'Principal components'
  return gap === null
    ? `${name} of spectra`
    : `${name} of spectra: the sets are ${gap.verdict === 'partly' ? 'partly mixed' : gap.verdict}`
}

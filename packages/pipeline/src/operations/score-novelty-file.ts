import type { NoveltyScale, NoveltyScore, NoveltyStars } from '@astrolabel/metrics'
import { fitNovelty, reconstructSpectra, scoreNovelty, splitByStar } from '@astrolabel/metrics'
import type { LabelModel, RunOptions, Spectra, Table } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, makeTable, starGroups, takePart, takeSpectra } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import { writeTable } from '../formats/write-table.js'
import { loadModel } from '../models.js'
import { replayProcessing } from './processing.js'
import type { SpectralComponents } from './spectral-components.js'
import { fitSpectralComponents } from './spectral-components.js'
import { sampleStars } from './star-sample.js'

/** Which stars to hold against which. */
export interface NoveltyRequest {
  /** Spectra to judge, in an Arrow file. */
  readonly spectra: string
  /** Spectra that say what is known: those that a model was trained on. */
  readonly train: string
  /** The model, for the hull of its labels and the processing of raw spectra; spectra as they are without one. */
  readonly model?: string | undefined
  readonly components: number
  /** Most training stars to learn from. */
  readonly most: number
  readonly seed: number
}

/** What came of it. */
export interface NoveltySummary {
  readonly stars: number
  /** Stars of each verdict; `unjudged` are those with too few good pixels. */
  readonly verdicts: Readonly<Record<'in' | 'edge' | 'out' | 'unjudged', number>>
  readonly known: number
  readonly heldOut: number
  readonly components: number
  readonly text: string
}

/** Part of the training stars that tell how unusual usual stars are. */
const HELD_OUT = 0.3

/**
 * One verdict for each star of a file: is it like the stars that a model was trained on? Written with its reasons batch by
 * batch, in flat memory.
 *
 * The components are of 70 % of the training stars; the others calibrate, so that 1 % of stars like them are called out.
 *
 * @param out Table by extension. @throws `novelty/few-stars`, `novelty/other-grid`, and what reading and the model say; no
 * file is left then.
 */
export async function scoreNoveltyFile(
  request: NoveltyRequest,
  out: string,
  run: RunOptions = {},
): Promise<NoveltySummary> {
  const model = request.model === undefined ? undefined : await loadModel(request.model)
  const prepare = (spectra: Spectra): Spectra =>
    model === undefined ? spectra : replayProcessing(spectra, model.source.preprocessing, { signal: run.signal })
  const sample = await sampleStars(request.train, request.most, request.seed, run)
  const training = prepare(sample.spectra)
  const split = splitByStar(starGroups(training), HELD_OUT, RandomStream.fromSeed(request.seed))
  const known = takePart(training, split, 'train')
  const fitted = fitSpectralComponents(known, request.components, { signal: run.signal, seed: request.seed })
  const describe = (spectra: Spectra): Described => describeStars(spectra, fitted, model, run)
  const heldOut = describe(takePart(training, split, 'test')).stars
  const knownStars = describe(known).stars
  const scale = fitNovelty(knownStars, heldOut)
  let done = 0
  const verdicts = { in: 0, edge: 0, out: 0, unjudged: 0 }
  async function* tables(): AsyncGenerator<Table> {
    for await (const raw of readSpectraFile(request.spectra)) {
      run.signal?.throwIfAborted()
      const spectra = prepare(raw)
      if (spectra.nPix !== training.nPix)
        throw new AstrolabelError(
          'novelty/other-grid',
          'The spectra do not lie on the pixels of the training spectra',
          {
            got: spectra.nPix,
            expected: training.nPix,
            remedy: 'Preprocess both alike, or give the model so that it does',
          },
        )
      const judged = judge(spectra, describe(spectra), scale)
      done += spectra.n
      for (const score of judged) verdicts[score?.verdict ?? 'unjudged']++
      run.onProgress?.(done, 0)
      yield noveltyTable(spectra, judged)
    }
  }
  await writeTable(out, tables())
  return {
    stars: done,
    verdicts,
    known: knownStars.n,
    heldOut: heldOut.n,
    components: fitted.components.count,
    text:
      `${verdicts.out} of ${done} stars are unlike the training stars, ${verdicts.edge} at their edge; ` +
      `of stars like them about ${say(0.01 * done)} would be called out by chance.`,
  }
}

interface Described {
  readonly stars: NoveltyStars
  /** Rows of the spectra that have more good pixels than components. */
  readonly rows: readonly number[]
}

function describeStars(
  spectra: Spectra,
  { components }: SpectralComponents,
  model: LabelModel | undefined,
  run: RunOptions,
): Described {
  const found = reconstructSpectra(spectra, components.components, components.mean)
  const rows = Array.from(found.dof.keys()).filter((row) => found.dof[row]! > 0)
  const labels = model?.predict(takeSpectra(spectra, rows), { signal: run.signal }).values
  const { count } = components
  return {
    rows,
    stars: {
      n: rows.length,
      chi2: Float64Array.from(rows, (row) => found.chi2[row]!),
      dof: Float64Array.from(rows, (row) => found.dof[row]!),
      scores: Float64Array.from(
        { length: rows.length * count },
        (_, at) => found.scores[rows[Math.floor(at / count)]! * count + (at % count)]!,
      ),
      width: count,
      ...(labels === undefined ? {} : { labels }),
    },
  }
}

/** A score for each row, undefined for what cannot be judged. */
function judge(spectra: Spectra, { stars, rows }: Described, scale: NoveltyScale): (NoveltyScore | undefined)[] {
  const out: (NoveltyScore | undefined)[] = Array.from({ length: spectra.n })
  if (rows.length > 0)
    scoreNovelty(scale, stars).forEach((score, i) => {
      out[rows[i]!] = score
    })
  return out
}

function noveltyTable(spectra: Spectra, judged: readonly (NoveltyScore | undefined)[]): Table {
  const numbers = (
    name: string,
    pick: (score: NoveltyScore) => number | undefined,
  ): {
    name: string
    values: Float64Array
    valid: Uint8Array
  } => {
    const values = Float64Array.from(judged, (score) =>
      score === undefined ? Number.NaN : (pick(score) ?? Number.NaN),
    )
    return { name, values, valid: Uint8Array.from(values, (value) => (Number.isNaN(value) ? 0 : 1)) }
  }
  return makeTable(
    [
      { name: 'star_id', values: spectra.starId },
      { name: 'verdict', values: judged.map((score) => score?.verdict ?? 'unjudged') },
      numbers('p', (score) => score.p),
      numbers('chi2_reduced', (score) => score.residual.chi2Reduced),
      numbers('chi2_p', (score) => score.residual.chi2P),
      numbers('residual_p', (score) => score.residual.p),
      numbers('latent_distance', (score) => score.latent.distance),
      numbers('latent_p', (score) => score.latent.p),
      { name: 'hull', values: judged.map((score) => score?.hull?.position ?? '') },
      numbers('hull_distance', (score) => score.hull?.distance),
      numbers('hull_p', (score) => score.hull?.p),
      {
        name: 'reasons',
        values: judged.map((score) => (score === undefined ? 'it has too few good pixels' : score.reasons.join('; '))),
      },
    ],
    spectra.n,
  )
}

function say(count: number): string {
  return count < 10 ? count.toFixed(1) : count.toFixed(0)
}

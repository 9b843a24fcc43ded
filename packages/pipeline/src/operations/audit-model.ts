import type { CrossTalk, DecorrelatedLabel, PermutedNullLabel, PixelWindows, SplitAudit } from '@astrolabel/metrics'
import {
  auditSplit,
  crossTalk,
  decorrelatedAudit,
  depthChanges,
  forwardChanges,
  gradientWindows,
  permutedLabelNull,
} from '@astrolabel/metrics'
import type { ForwardModel, LabelModel, Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError, RandomStream, gridLength, makeLabels, starGroups, takeSpectra } from '@astrolabel/spectra'
import { labelsOfTable } from '../catalogs/labels-of-table.js'
import { loadModel } from '../models.js'
import { parseTrainSettings } from '../recipe/train-settings.js'
import { readLabels } from './evaluate-files.js'
import { labelSpreads, medianLabels, trueValues } from './audit-labels.js'
import { readLineWindows } from './line-windows.js'
import { replayProcessing } from './processing.js'
import { sampleStars, stackStars } from './star-sample.js'
import { modelRequest, trainModel } from './train-on-rows.js'

/** What to audit, and against what. */
export interface AuditRequest {
  readonly model: string
  /** Spectra that the model was not trained on, in an Arrow file. */
  readonly spectra: string
  /** A model that gives spectra for labels; the model itself where it does. */
  readonly forward?: string | undefined
  /** Table of true labels by `star_id`; those that travel with the spectra when undefined. */
  readonly truth?: string | undefined
  /** Spectra that it was trained on: looks for test stars among them, and is what shuffled labels are learnt from. */
  readonly train?: string | undefined
  /** Trainings on shuffled labels of `train`; none for 0. */
  readonly permutations: number
  /** Options of the model for these trainings, `key=value`. */
  readonly settings?: readonly string[] | undefined
  /** Table of `label`, `start`, `end` (Å): the lines of each label; those of the forward model's gradients without. */
  readonly windows?: string | undefined
  /** Most stars to look at; the rest is left out by lot. */
  readonly most: number
  readonly seed: number
}

/** Verdicts on a model; null for what could not be looked at. */
export interface AuditReport {
  readonly stars: number
  readonly read: number
  readonly labels: readonly string[]
  readonly crossTalk: CrossTalk | null
  /** The same with changes in the lines of each label alone. */
  readonly lines: CrossTalk | null
  readonly decorrelated: readonly DecorrelatedLabel[] | null
  readonly permuted: readonly PermutedNullLabel[] | null
  readonly split: SplitAudit | null
  readonly verdict: 'clean' | 'suspect'
  readonly text: string
}

/** Stars whose answers to changes are averaged. */
const CROSS_TALK_STARS = 64

/**
 * Does a model measure its labels, or guess them from each other? Cross-talk by a forward model and by the lines of each
 * label; accuracy on stars resampled to be without correlations, where labels are known; test stars among training stars
 * and shuffled labels, where the training spectra are given.
 *
 * @throws `audit/nothing` when neither a forward model nor lines nor labels nor training spectra are there to audit by,
 * `audit/other-grid`, and what reading and the models say. Cost: some hundred predictions of 64 stars, and a training for
 * each permutation.
 */
export async function auditModel(request: AuditRequest, run: RunOptions = {}): Promise<AuditReport> {
  const model = await loadModel(request.model)
  const forward = request.forward === undefined ? forwardOf(model) : await loadForward(request.forward)
  const prepare = (spectra: Spectra): Spectra =>
    replayProcessing(spectra, model.source.preprocessing, { signal: run.signal })
  const { spectra: raw, read } = await sampleStars(request.spectra, request.most, request.seed, run)
  const spectra = prepare(raw)
  const predicted = model.predict(spectra, { signal: run.signal })
  const names = model.labels.map(({ name }) => name)
  const truth = await truthOf(request, spectra, names)
  const spreads = labelSpreads(predicted, truth)
  const windows = request.windows === undefined ? undefined : await readLineWindows(request.windows, spectra.meta)
  const talk = { model, forward, spectra, predicted, truth, spreads, windows, seed: request.seed }
  const answers = answerAudits(talk, run)
  const decorrelated =
    truth === undefined || names.length < 2
      ? null
      : decorrelatedAudit(
          {
            n: spectra.n,
            names,
            predicted: predicted.values,
            truth: trueValues(truth, names, spectra.n),
            truthErrors: trueValues(truth, names, spectra.n, 'errors'),
            groups: starGroups(spectra),
          },
          RandomStream.fromSeed(request.seed),
        )
  const training =
    request.train === undefined
      ? undefined
      : prepare((await sampleStars(request.train, request.most, request.seed, run)).spectra)
  const split = training === undefined ? null : splitOf(training, spectra, request.seed, run)
  const permuted =
    training === undefined || request.permutations === 0 || truth === undefined
      ? null
      : await permutedOf(request, model, training, spectra, trueValues(truth, names, spectra.n), run)
  const report = { stars: spectra.n, read, labels: names, ...answers, decorrelated, permuted, split }
  return { ...report, ...verdictOf(report) }
}

function splitOf(training: Spectra, spectra: Spectra, seed: number, run: RunOptions): SplitAudit {
  const rows = Array.from({ length: training.n + spectra.n }, (_, row) => row)
  return auditSplit(
    stackStars([training, spectra]),
    { train: rows.slice(0, training.n), test: rows.slice(training.n) },
    RandomStream.fromSeed(seed),
    { signal: run.signal },
  )
}

interface Talk {
  readonly model: LabelModel
  readonly forward: ForwardModel | undefined
  readonly spectra: Spectra
  readonly predicted: Labels
  readonly truth: Labels | undefined
  readonly spreads: Readonly<Record<string, number>>
  readonly windows: PixelWindows | undefined
  readonly seed: number
}

/** The two cross-talk matrices, on stars that the model labels without doubt. */
function answerAudits(talk: Talk, run: RunOptions): Pick<AuditReport, 'crossTalk' | 'lines'> {
  const { model, forward, spectra, spreads, windows, predicted } = talk
  if (forward === undefined && windows === undefined) return { crossTalk: null, lines: null }
  const width = predicted.labels.length
  const complete = Array.from(RandomStream.fromSeed(talk.seed).permutation(spectra.n)).filter((row) =>
    predicted.values.subarray(row * width, (row + 1) * width).every(Number.isFinite),
  )
  const sound = complete.filter((row) => predicted.flags[row] === 0)
  const rows = (sound.length >= CROSS_TALK_STARS / 4 ? sound : complete).slice(0, CROSS_TALK_STARS)
  const stars = takeSpectra(spectra, rows)
  const respond = (changed: Spectra): Labels => model.predict(changed, { signal: run.signal })
  if (forward === undefined)
    return {
      crossTalk: null,
      lines: crossTalk(stars, depthChanges(stars, windows!, spreads), respond, spreads, run),
    }
  const values = forwardLabels(forward, talk, rows)
  const lines = windows ?? gradientWindows(forward, medianLabels(values, forward.labels.length), spectra.nPix, spreads)
  return {
    crossTalk: crossTalk(stars, forwardChanges(forward, values, spreads), respond, spreads, run),
    lines: crossTalk(stars, forwardChanges(forward, values, spreads, lines), respond, spreads, run),
  }
}

/** Labels of stars for a forward model: as the model predicts them, or else as they are known to be. */
function forwardLabels(
  forward: ForwardModel,
  { spectra, predicted, truth }: Talk,
  rows: readonly number[],
): Float64Array {
  if (gridLength(forward.wavelength) !== spectra.nPix)
    throw new AstrolabelError('audit/other-grid', 'The forward model lies on another grid than the spectra', {
      got: gridLength(forward.wavelength),
      expected: spectra.nPix,
      remedy: 'Give a forward model of the same processing',
    })
  const columns = forward.labels.map(({ name }) => {
    for (const table of [predicted, truth]) {
      const at = table?.labels.findIndex((label) => label.name === name) ?? -1
      if (at >= 0) return (row: number): number => table!.values[row * table!.labels.length + at]!
    }
    throw new AstrolabelError('audit/forward-labels', `Nothing tells label ${name} of the forward model`, {
      got: predicted.labels.map((label) => label.name),
      remedy: 'Give a table of true labels that has it',
    })
  })
  return Float64Array.from({ length: rows.length * columns.length }, (_, at) =>
    columns[at % columns.length]!(rows[Math.floor(at / columns.length)]!),
  )
}

async function permutedOf(
  request: AuditRequest,
  model: LabelModel,
  training: Spectra,
  spectra: Spectra,
  test: Float64Array,
  run: RunOptions,
): Promise<PermutedNullLabel[]> {
  const names = model.labels.map(({ name }) => name)
  const width = names.length
  const train = labelsOfTable(training.catalog, training.starId, names).values
  const settings = parseTrainSettings(model.kind, names, request.settings ?? [])
  const wanted = modelRequest({ ...settings, errorFolds: 0 }, request.seed)
  return permutedLabelNull(
    {
      names,
      train,
      groups: starGroups(training),
      test,
      permutations: request.permutations,
      random: RandomStream.fromSeed(request.seed),
      trainAndPredict: async (values) => {
        const columns = new Map(training.catalog.columns)
        names.forEach((name, l) =>
          columns.set(name, {
            name,
            values: Float64Array.from({ length: training.n }, (_, i) => values[i * width + l]!),
          }),
        )
        const shuffled = { ...training, catalog: { n: training.n, columns } }
        return (await trainModel(shuffled, wanted, { signal: run.signal })).predict(spectra, { signal: run.signal })
          .values
      },
    },
    run,
  )
}

async function truthOf(request: AuditRequest, spectra: Spectra, names: readonly string[]): Promise<Labels | undefined> {
  if (request.truth === undefined) {
    const known = names.filter((name) => spectra.catalog.columns.has(name))
    return known.length < names.length ? undefined : labelsOfTable(spectra.catalog, spectra.starId, names)
  }
  const table = await readLabels(request.truth)
  const rowOf = new Map(table.starId.map((id, row) => [id, row]))
  const width = table.labels.length
  const values = new Float64Array(spectra.n * width).fill(Number.NaN)
  const errors = values.slice()
  spectra.starId.forEach((id, i) => {
    const row = rowOf.get(id)
    if (row === undefined) return
    values.set(table.values.subarray(row * width, (row + 1) * width), i * width)
    errors.set(table.errors.subarray(row * width, (row + 1) * width), i * width)
  })
  return makeLabels({ starId: spectra.starId, labels: table.labels, values, errors })
}

function forwardOf(model: LabelModel): ForwardModel | undefined {
  return 'evaluate' in model && 'jacobian' in model ? (model as LabelModel & ForwardModel) : undefined
}

async function loadForward(path: string): Promise<ForwardModel> {
  const model = await loadModel(path)
  const forward = forwardOf(model)
  if (forward === undefined)
    throw new AstrolabelError('audit/not-forward', `${path} does not give spectra for labels`, {
      got: `a model of kind ${model.kind}`,
      expected: 'a model such as cannon',
    })
  return forward
}

function verdictOf(report: Omit<AuditReport, 'verdict' | 'text'>): Pick<AuditReport, 'verdict' | 'text'> {
  const { crossTalk: talk, lines, decorrelated, permuted, split } = report
  const looked = [talk, lines, decorrelated, permuted, split].filter((part) => part !== null)
  if (looked.length === 0)
    throw new AstrolabelError('audit/nothing', 'There is nothing to audit the model by', {
      got: 'no forward model, no lines, no known labels and no training spectra',
      remedy: 'Give --forward, --windows, --truth or --train',
    })
  const bad = [
    ...(talk === null || talk.verdict === 'clean' ? [] : [`By a forward model: ${talk.text}`]),
    ...(lines === null || lines.verdict === 'clean' ? [] : [`By their lines: ${lines.text}`]),
    ...(decorrelated ?? [])
      .filter(({ verdict }) => verdict !== 'measured' && verdict !== 'untestable')
      .map(({ text }) => text),
    ...(permuted ?? []).filter(({ verdict }) => verdict !== 'learns').map(({ text }) => text),
    ...(split === null || split.verdict === 'clean' ? [] : [split.text]),
  ]
  return bad.length === 0
    ? {
        verdict: 'clean',
        text: `Nothing suspicious in ${looked.length} audits: the labels are measured, as far as these tell.`,
      }
    : { verdict: 'suspect', text: bad.join('\n') }
}

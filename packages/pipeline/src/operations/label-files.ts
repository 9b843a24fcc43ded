import { applyConformal } from '@astrolabel/metrics'
import type { LabelModel, Labels, RunOptions, Spectra } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { readSpectraFile } from '@astrolabel/spectra/node'
import type { SurveyName } from '@astrolabel/surveys/node'
import { readSurvey } from '@astrolabel/surveys/node'
import { indexByStar, joinMatches } from '../catalogs/join-matches.js'
import { readNpzSpectra } from '../formats/npz-spectra.js'
import { readTable } from '../formats/read-table.js'
import { writeLabels } from '../formats/write-table.js'
import { loadModel } from '../models.js'
import type { Reporter } from '../reporter.js'
import { readCalibration } from './calibrate-files.js'
import { replayProcessing } from './processing.js'

/** What to label. */
export interface LabelRequest {
  readonly model: string
  /** Spectra in Arrow or npz files, or raw files of the survey that the model was trained on. */
  readonly paths: readonly string[]
  /** Reader of raw files; the model's own survey when undefined. */
  readonly survey?: SurveyName | undefined
  /** Table of columns that processing needs, such as velocities, by `star_id`. */
  readonly catalog?: string | undefined
  /** Calibration of `astrolabel calibrate`: adds intervals that keep what they promise. */
  readonly calibration?: string | undefined
}

/** What came of it. */
export interface LabelSummary {
  readonly stars: number
  /** Stars with a value of every label. */
  readonly labelled: number
  /** Stars with any flag. */
  readonly flagged: number
  /** Stars with each flag. */
  readonly flags: Readonly<Record<string, number>>
}

/**
 * Label spectra by a model, from raw files if need be: the model replays the processing it carries.
 *
 * @param out Labels by extension: .arrow, .parquet, .csv or .fits.
 * @throws `model/grid-mismatch`, `label/other-processing`, `label/other-spectra`, `label/nothing-to-label`, and what
 * reading says; no file is left then.
 */
export async function labelFiles(
  request: LabelRequest,
  out: string,
  reporter: Reporter,
  run: RunOptions = {},
): Promise<LabelSummary> {
  const model = await loadModel(request.model)
  const counts = { stars: 0, labelled: 0, flagged: 0 }
  const flags: Record<string, number> = {}
  const index = request.catalog === undefined ? undefined : indexByStar(await readTable(request.catalog))
  const calibration = request.calibration === undefined ? undefined : await readCalibration(request.calibration)
  async function* labelled(): AsyncGenerator<Labels> {
    for await (const raw of spectraOf(request, model, reporter, run)) {
      const batch = index === undefined ? raw : joinMatches(raw, index)
      if (batch.n === 0) continue
      const labels = model.predict(replayProcessing(batch, model.source.preprocessing, { signal: run.signal }), {
        signal: run.signal,
      })
      count(labels, counts, flags)
      run.onProgress?.(counts.stars, 0)
      yield calibration === undefined ? labels : applyConformal(labels, calibration)
    }
    // Thrown while the file is still aside, so that none is left.
    if (counts.stars === 0)
      throw new AstrolabelError('label/nothing-to-label', 'There is no star to label', {
        got: request.paths,
        remedy: 'Check the paths, and that a catalogue names the same stars',
      })
  }
  await writeLabels(out, labelled())
  return { ...counts, flags }
}

async function* spectraOf(
  request: LabelRequest,
  model: LabelModel,
  reporter: Reporter,
  run: RunOptions,
): AsyncGenerator<Spectra> {
  const raw: string[] = []
  const onWarning = (warning: { message: string }): void => reporter.warn(warning.message)
  for (const path of request.paths) {
    if (path.endsWith('.arrow')) yield* readSpectraFile(path)
    // Archives that `astrolabel convert` wrote know how far their spectra were processed.
    else if (path.endsWith('.npz'))
      yield* (
        (await readNpzSpectra(path, { signal: run.signal, onWarning })) ??
        readSurvey('npz', [path], { signal: run.signal, onWarning })
      )
    else raw.push(path)
  }
  if (raw.length > 0)
    yield* readSurvey(request.survey ?? (model.source.survey as SurveyName), raw, { signal: run.signal, onWarning })
}

function count(
  labels: Labels,
  counts: { stars: number; labelled: number; flagged: number },
  flags: Record<string, number>,
): void {
  const width = labels.labels.length
  counts.stars += labels.n
  for (let i = 0; i < labels.n; i++) {
    if (!labels.values.subarray(i * width, (i + 1) * width).some(Number.isNaN)) counts.labelled++
    const value = labels.flags[i]!
    if (value === 0) continue
    counts.flagged++
    for (const { bit, name } of labels.flagBits) if ((value >>> bit) & 1) flags[name] = (flags[name] ?? 0) + 1
  }
}

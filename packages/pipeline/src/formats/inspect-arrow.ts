import { CLASSICAL_KINDS, classicalFactory } from '@astrolabel/models-classical'
import type { HistoryEntry, LabelInfo, Spectra, SpectraMeta, WavelengthGrid } from '@astrolabel/spectra'
import {
  decodeModelFile,
  describeGrid,
  findLabel,
  isLabelsSchema,
  isSpectraSchema,
  labelsFromRecordBatch,
  pixelCount,
  pixelWavelengths,
  spectraFromRecordBatch,
  spectraMetaOf,
  tableFromRecordBatch,
} from '@astrolabel/spectra'
import { readIpcFile, readIpcSchema } from '@astrolabel/spectra/node'
import { readFile } from 'node:fs/promises'
import { arrowKind, starTable } from './arrow-table.js'
import type { ColumnSummary } from './column-summary.js'
import { TableSummary } from './column-summary.js'
import type { LabelsInspection, ModelInspection, SpectraInspection, TableInspection } from './inspection.js'

interface Facts {
  readonly file: string
  readonly bytes: number
}

/** What is in an Arrow file. Reads it batch by batch. @throws `arrow/unreadable`. */
export async function inspectArrow(
  facts: Facts,
): Promise<SpectraInspection | LabelsInspection | ModelInspection | TableInspection> {
  switch (await arrowKind(facts.file)) {
    case 'spectra':
      return inspectSpectra(facts)
    case 'labels':
      return inspectLabels(facts)
    case 'model':
      return inspectModel(facts)
    case 'table': {
      const summary = new TableSummary()
      let batches = 0
      for await (const batch of readIpcFile(facts.file)) {
        batches++
        summary.add(tableFromRecordBatch(batch))
      }
      return { format: 'arrow', kind: 'table', ...facts, rows: summary.rows, batches, columns: summary.columns() }
    }
  }
}

async function inspectSpectra(facts: Facts): Promise<SpectraInspection> {
  const schema = await readIpcSchema(facts.file)
  const meta = spectraMetaOf(schema)
  const summary = new TableSummary()
  let batches = 0
  let good = 0
  let matrices: ColumnSummary[] = []
  for await (const batch of readIpcFile(facts.file)) {
    if (!isSpectraSchema(batch.schema)) continue
    const spectra = spectraFromRecordBatch(batch)
    batches++
    for (const ivar of spectra.ivar) if (ivar > 0) good++
    summary.add(starTable(spectra))
    matrices = matrixSummaries(spectra)
  }
  const [id, ra, dec, ...rest] = summary.columns()
  const pixels = pixelCount(meta)
  return {
    format: 'arrow',
    kind: 'spectra',
    ...facts,
    rows: summary.rows,
    batches,
    pixels,
    wavelength: wavelengthWords(meta),
    segments: (meta.segments ?? []).map(({ name, start, end, wavelength }) => ({
      name,
      start,
      end,
      wavelength: describeGrid(wavelength),
    })),
    frame: meta.frame,
    stage: meta.stage,
    survey: meta.survey,
    release: meta.release,
    noise: meta.noise,
    flux_unit: meta.fluxUnit ?? null,
    seed: meta.seed ?? null,
    version: meta.version,
    history: meta.history,
    good_pixels: summary.rows === 0 ? 0 : good / (summary.rows * pixels),
    labels: rest.filter(({ name }) => findLabel(name)?.name === name).map(({ name }) => name),
    columns: [id, ra, dec].filter((column) => column !== undefined).concat(matrices, rest),
  }
}

function wavelengthWords(meta: SpectraMeta): string {
  if (meta.wavelength.kind !== 'segmented') return describeGrid(meta.wavelength)
  const wave = pixelWavelengths(meta)
  const [low, high] = wave.reduce(
    ([least, most], value) => [Math.min(least!, value), Math.max(most!, value)],
    [Infinity, -Infinity],
  )
  return `${wave.length} pixels in ${meta.segments?.length ?? 0} segments, ${low!.toFixed(0)}–${high!.toFixed(0)} Å, ${meta.wavelength.medium}`
}

function matrixSummaries(spectra: Spectra): ColumnSummary[] {
  const of = (name: string, dtype: string, unit: string | null): ColumnSummary => ({
    name,
    dtype,
    shape: [spectra.nPix],
    unit,
    missing: 0,
    min: null,
    max: null,
  })
  return [
    of('flux', 'f4', spectra.meta.fluxUnit ?? null),
    of('ivar', 'f4', null),
    ...(spectra.mask === undefined ? [] : [of('mask', 'u4', null)]),
    ...(spectra.wave === undefined ? [] : [of('wave', 'f8', 'Angstrom')]),
  ]
}

async function inspectLabels(facts: Facts): Promise<LabelsInspection> {
  const summary = new TableSummary()
  let batches = 0
  let labels: readonly LabelInfo[] = []
  const flags: Record<string, number> = {}
  for await (const batch of readIpcFile(facts.file)) {
    if (!isLabelsSchema(batch.schema)) continue
    const part = labelsFromRecordBatch(batch)
    batches++
    labels = part.labels
    for (const { bit, name } of part.flagBits)
      for (const value of part.flags) flags[name] = (flags[name] ?? 0) + ((value >>> bit) & 1)
    summary.add(tableFromRecordBatch(batch))
  }
  return {
    format: 'arrow',
    kind: 'labels',
    ...facts,
    rows: summary.rows,
    batches,
    labels,
    flags,
    columns: summary.columns(),
  }
}

async function inspectModel(facts: Facts): Promise<ModelInspection> {
  const bytes = new Uint8Array(await readFile(facts.file))
  const model = decodeModelFile(bytes)
  const text = CLASSICAL_KINDS.includes(model.kind)
    ? classicalFactory(model.kind).fromArrow(bytes).describe()
    : undefined
  const description = model.description as {
    labels?: readonly LabelInfo[]
    wavelength?: WavelengthGrid
    order?: number
    source?: { survey?: string; preprocessing?: readonly HistoryEntry[] }
    training?: Readonly<Record<string, unknown>>
  }
  return {
    format: 'arrow',
    kind: 'model',
    ...facts,
    model: model.kind,
    format_version: model.formatVersion,
    labels: description.labels ?? [],
    wavelength: description.wavelength === undefined ? null : describeGrid(description.wavelength),
    order: description.order ?? null,
    survey: description.source?.survey ?? null,
    preprocessing: description.source?.preprocessing ?? [],
    training: description.training ?? {},
    arrays: Array.from(model.arrays, ([name, { shape }]) => ({ name, shape })),
    ...(text === undefined ? {} : { text }),
  }
}

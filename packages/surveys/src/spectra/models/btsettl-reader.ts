import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError, detectGrid } from '@astrolabel/spectra'
import type { Medium, SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { nodeLabelsOf } from '../../grids/node-labels.js'
import { pixelsIn } from '../../grids/wave-window.js'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource } from '../../ingest.js'
import { parseBtSettl } from './btsettl-text.js'
import type { BtSettlSpectrum } from './btsettl-text.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { extentOfWave, padWave } from '../own-wavelengths.js'
import type { OwnExtent } from '../own-wavelengths.js'
import { isModelSelected, labelTable, starIdOf } from './phoenix-reader.js'
import type { ModelReadOptions } from './phoenix-reader.js'
import { batchStars } from '../star-rows.js'
import type { StarRow } from '../star-rows.js'
import { textOfSource } from '../text-of-source.js'
import { VERSION } from '../../version.js'

/** Options of the reader of BT-Settl. */
export interface BtSettlReadOptions extends ModelReadOptions {
  /** Default `vacuum`, as PHOENIX computes; some redistributed grids are in air. */
  readonly medium?: Medium | undefined
}

/** Values in a batch: 16 MB of flux, 32 MB of wavelengths. */
const BATCH_VALUES = 4_000_000

/**
 * Reads BT-Settl text files, one spectrum a file, labels by the file's name; rest frame, flux per Å at the star's
 * surface, no errors (ivar 1, noise unknown).
 *
 * Models are computed at wavelengths of their own. When all files share theirs these are the grid; otherwise each row
 * carries its own, and shorter spectra end in pixels of ivar 0. Files are therefore read twice, first for their
 * wavelengths, one at a time: memory holds a batch and one file.
 *
 * @throws `surveys/not-btsettl`, `surveys/no-labels` for a name of another form.
 */
export const btsettlReader: SurveyReader<readonly FileSource[], BtSettlReadOptions> = {
  survey: 'btsettl',
  async *read(sources, options) {
    const models = sources.filter(({ name }) => isModelSelected(name, options))
    if (models.length === 0 && sources.length > 0) return
    const total = 2 * models.length
    const shared = await sharedWave(models, options, (done) => options.onProgress?.(done, total))
    const nPix = shared?.nPix ?? 1
    const step = batchRowsOf({
      batchRows: options.batchRows ?? Math.max(1, Math.min(1024, Math.floor(BATCH_VALUES / nPix))),
    })
    const onProgress = (done: number): void => options.onProgress?.(models.length + done, total)
    const rows = eachFile(models, { ...options, onProgress }, async function* (bytes, source) {
      yield modelRow(await readModel(bytes, source, options), source.name, shared!)
    })
    const meta: SpectraMeta = {
      wavelength: detectGrid(shared?.wave ?? [], options.medium ?? 'vacuum'),
      frame: 'rest',
      stage: 'raw',
      survey: 'btsettl',
      release: releaseOf(models),
      noise: 'unknown',
      fluxUnit: 'erg/(s cm2 Angstrom)',
      history: [],
      version: VERSION,
    }
    for await (const batch of batchStars(rows, () => meta, step))
      yield withIngestStep(
        batch,
        'btsettl',
        models.length,
        options.window === undefined ? {} : { window: options.window.join(' to ') },
      )
  },
}

/**
 * How many pixels a file has, to read files one by one: where they differ, rows carry wavelengths of their own.
 *
 * @returns no pixels for a model that the options do not select.
 * @throws what reading the file throws.
 */
export async function btsettlExtent(source: FileSource, options: BtSettlReadOptions): Promise<OwnExtent> {
  if (!isModelSelected(source.name, options)) return { pixels: 0, wave: '', release: '' }
  const bytes = await source.open()
  try {
    const { wave } = await readModel(bytes, source, options)
    return extentOfWave(wave, options.medium ?? 'vacuum', releaseOf([source]))
  } finally {
    await bytes.close()
  }
}

interface Shared {
  /** Of the longest spectrum. */
  readonly wave: Float64Array
  readonly nPix: number
  /** False when each model needs wavelengths of its own. */
  readonly same: boolean
}

/** The first of two passes; what cannot be read is told of by the second. */
async function sharedWave(
  sources: readonly FileSource[],
  options: BtSettlReadOptions,
  advance: (done: number) => void,
): Promise<Shared | undefined> {
  let longest: Float64Array | undefined
  let same = true
  for (const [done, source] of sources.entries()) {
    options.signal?.throwIfAborted()
    let bytes: ByteSource | undefined
    try {
      bytes = await source.open()
      const { wave } = await readModel(bytes, source, options)
      const held = longest
      if (held !== undefined && (wave.length !== held.length || wave.some((value, i) => value !== held[i])))
        same = false
      if (wave.length > (held?.length ?? 0)) longest = wave
    } catch {
      options.signal?.throwIfAborted()
    } finally {
      await bytes?.close()
    }
    advance(done + 1)
  }
  return longest === undefined ? undefined : { wave: longest, nPix: longest.length, same }
}

async function readModel(bytes: ByteSource, source: FileSource, options: BtSettlReadOptions): Promise<BtSettlSpectrum> {
  const { wave, flux } = parseBtSettl(await textOfSource(bytes, source.name), source.name)
  const [start, end] = pixelsIn(wave, options.window)
  return { wave: wave.slice(start, end), flux: flux.slice(start, end) }
}

function modelRow(model: BtSettlSpectrum, source: string, { nPix, same }: Shared): StarRow {
  const labels = nodeLabelsOf(source)
  if (labels === undefined)
    throw new AstrolabelError('surveys/no-labels', `${source} does not tell its labels`, {
      expected: 'a name such as lte058.0-4.5-0.0a+0.0.BT-Settl.spec.7',
      remedy: 'Give the file its own name again',
    })
  const flux = new Float32Array(nPix)
  const ivar = new Float32Array(nPix)
  model.flux.forEach((value, i) => {
    if (!Number.isFinite(value)) return
    flux[i] = value
    ivar[i] = 1
  })
  return {
    starId: starIdOf(source),
    ra: Number.NaN,
    dec: Number.NaN,
    offset: 0,
    flux,
    ivar,
    ...(same ? {} : { wave: padWave(model.wave, nPix) }),
    catalog: labelTable(labels),
  }
}

function releaseOf(sources: readonly FileSource[]): string {
  const names = sources.map(({ name }) => /(BT-[A-Za-z]+(?:-[A-Za-z]+)*)/i.exec(name.split(/[\\/]/).at(-1)!)?.[1] ?? '')
  return [...new Set(names)].filter((name) => name !== '').join(', ')
}

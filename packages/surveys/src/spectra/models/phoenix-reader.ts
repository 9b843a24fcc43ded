import { openFits } from '@astrolabel/io-fits'
import type { Header, ImageHdu } from '@astrolabel/io-fits'
import { AstrolabelError, detectGrid, inFile, makeTable } from '@astrolabel/spectra'
import type { SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import { numbersColumn } from '../../catalog/value-columns.js'
import { isSelected, nodeLabelsOf } from '../../grids/node-labels.js'
import type { NodeLabels, NodeSelection } from '../../grids/node-labels.js'
import { pixelsIn } from '../../grids/wave-window.js'
import type { WaveWindow } from '../../grids/wave-window.js'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource, ReadOptions } from '../../ingest.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { batchStars } from '../star-rows.js'
import type { StarRow } from '../star-rows.js'
import { VERSION } from '../../version.js'

/** Options of the readers of model grids. */
export interface ModelReadOptions extends ReadOptions {
  /** Wavelengths to read, [low, high] in Å; all when absent. */
  readonly window?: WaveWindow | undefined
  /** Models to read, by ranges of their labels; all when absent. */
  readonly select?: NodeSelection | undefined
}

/** Options of the reader of PHOENIX. */
export interface PhoenixReadOptions extends ModelReadOptions {
  /** The file of wavelengths, where it is not among the files that are read. */
  readonly waveFile?: FileSource | undefined
}

/** True of a file whose name does not say that its model is none of those asked for. */
export function isModelSelected(name: string, { select = {} }: ModelReadOptions): boolean {
  const labels = nodeLabelsOf(name)
  return labels === undefined || isSelected(labels, select)
}

/** True of the file that holds the wavelengths of all others. */
export function isPhoenixWave(name: string): boolean {
  return /(?:^|[\\/])WAVE_PHOENIX[^\\/]*\.fits?(?:\.gz)?$/i.test(name)
}

/** Values in a batch: 16 MB of flux. */
const BATCH_VALUES = 4_000_000

interface Wave {
  readonly meta: SpectraMeta
  readonly start: number
  readonly end: number
  /** Pixels of the whole file. */
  readonly nPix: number
}

/**
 * Reads the PHOENIX library (Husser et al. 2013): `lte…HiRes.fits`, one spectrum a file, at the wavelengths of
 * `WAVE_PHOENIX-…fits`, which is among the files or given. Vacuum, rest frame; flux at the star's surface per Å (files have it
 * per cm). Models have no errors: ivar is 1 and the noise unknown.
 *
 * Labels `teff`, `logg`, `m_h` (on the solar scale of Asplund 2009) and `alpha_m` are those of the header, which must
 * agree with the file's name. The files are a list of nodes, not a full grid: see raggedGrid. Of each only the window is
 * read; batches hold 4 million values unless told otherwise.
 *
 * @throws `surveys/no-wavelength` without the WAVE file, `surveys/labels-differ` of a file whose name and header disagree,
 * `surveys/grids-differ` for one with another number of pixels.
 */
export const phoenixReader: SurveyReader<readonly FileSource[], PhoenixReadOptions> = {
  survey: 'phoenix',
  async *read(sources, options) {
    const wave = await readWave(sources, options)
    const spectra = sources.filter(({ name }) => !isPhoenixWave(name))
    const models = spectra.filter(({ name }) => isModelSelected(name, options))
    if (models.length === 0 && spectra.length > 0) return
    const nPix = wave.end - wave.start
    const step = batchRowsOf({
      batchRows: options.batchRows ?? Math.max(1, Math.min(1024, Math.floor(BATCH_VALUES / nPix))),
    })
    const rows = eachFile(models, options, async function* (bytes, source) {
      const file = await openFits(bytes)
      for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: source.name, message })
      yield await modelRow(file.image(0), wave, source.name, options)
    })
    for await (const batch of batchStars(rows, () => wave.meta, step))
      yield withIngestStep(
        batch,
        'phoenix',
        models.length,
        options.window === undefined ? {} : { window: options.window.join(' to ') },
      )
  },
}

async function readWave(sources: readonly FileSource[], options: PhoenixReadOptions): Promise<Wave> {
  const source = options.waveFile ?? sources.find(({ name }) => isPhoenixWave(name))
  if (source === undefined)
    throw new AstrolabelError('surveys/no-wavelength', 'The wavelengths of PHOENIX are missing', {
      got: `${sources.length} files, such as ${sources[0]?.name ?? 'none'}`,
      expected: 'WAVE_PHOENIX-ACES-AGSS-COND-2011.fits among them, or in a folder above them',
      remedy: 'Fetch that file from the same server',
    })
  const bytes = await source.open()
  try {
    const hdu = (await openFits(bytes)).image(0)
    const all = Float64Array.from((await hdu.read(readControl(options))).data as ArrayLike<number>, Number)
    const [start, end] = pixelsIn(all, options.window)
    const medium = hdu.header.getString('AIRORVAC')?.trim().toLowerCase() === 'air' ? 'air' : 'vacuum'
    const meta: SpectraMeta = {
      wavelength: detectGrid(all.subarray(start, end), medium),
      frame: 'rest',
      stage: 'raw',
      survey: 'phoenix',
      release: /WAVE_(PHOENIX[\w-]*)/i.exec(source.name)?.[1] ?? '',
      noise: 'unknown',
      fluxUnit: 'erg/(s cm2 Angstrom)',
      history: [],
      version: VERSION,
    }
    return { meta, start, end, nPix: all.length }
  } catch (cause) {
    throw inFile(source.name, cause)
  } finally {
    await bytes.close()
  }
}

async function modelRow(hdu: ImageHdu, wave: Wave, source: string, options: ModelReadOptions): Promise<StarRow> {
  if (hdu.shape.length !== 1 || hdu.shape[0] !== wave.nPix)
    throw new AstrolabelError('surveys/grids-differ', `${source} does not fit the wavelengths`, {
      got: `${hdu.shape.join(' × ') || 'no'} pixels`,
      expected: wave.nPix,
      remedy: 'Take spectra and wavelengths of one library',
    })
  const labels = labelsOf(hdu.header, source)
  const { data } = await hdu.read({ rows: [wave.start, wave.end], ...readControl(options) })
  const scale = perAngstrom(hdu.header, source)
  return {
    starId: starIdOf(source),
    ra: Number.NaN,
    dec: Number.NaN,
    offset: 0,
    ...scaled(data, scale),
    catalog: labelTable(labels),
  }
}

/** Flux in single precision; a model is known wherever its flux is a number. */
function scaled(data: ArrayLike<number | bigint>, scale: number): Pick<StarRow, 'flux' | 'ivar'> {
  const flux = new Float32Array(data.length)
  const ivar = new Float32Array(data.length)
  for (let i = 0; i < flux.length; i++) {
    const value = Math.fround(Number(data[i]) * scale)
    if (!Number.isFinite(value) || value < 0) continue
    flux[i] = value
    ivar[i] = 1
  }
  return { flux, ivar }
}

/** Labels of a model as a catalogue of one row. */
export function labelTable(labels: NodeLabels): StarRow['catalog'] {
  return makeTable([
    numbersColumn('teff', [labels.teff], 'K'),
    numbersColumn('logg', [labels.logg], 'dex(cm s-2)'),
    numbersColumn('m_h', [labels.m_h], 'dex'),
    numbersColumn('alpha_m', [labels.alpha_m], 'dex'),
  ])
}

/** `…/lte05800-4.50-0.0.PHOENIX-….fits` → `lte05800-4.50-0.0`. */
export function starIdOf(name: string): string {
  return name
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.(?:PHOENIX|BT-).*$/i, '')
}

const KEYS = { teff: 'PHXTEFF', logg: 'PHXLOGG', m_h: 'PHXM_H', alpha_m: 'PHXALPHA' } as const

/** Labels of the header, else of the name. Two decimals of the name are all that it can disagree in. */
function labelsOf(header: Header, source: string): NodeLabels {
  const named = nodeLabelsOf(source)
  const labels: Record<keyof NodeLabels, number> = {
    teff: Number.NaN,
    logg: Number.NaN,
    m_h: Number.NaN,
    alpha_m: Number.NaN,
  }
  for (const [name, key] of Object.entries(KEYS) as [keyof NodeLabels, string][]) {
    const value = header.getNumber(key) ?? named?.[name]
    if (value === undefined)
      throw new AstrolabelError('surveys/no-labels', `${source} does not tell its ${name}`, {
        got: `no ${key} and a name of another form`,
        expected: 'a header of PHOENIX, or a name such as lte05800-4.50-0.0.PHOENIX-….fits',
        remedy: 'Give the file its own name again',
      })
    if (named !== undefined && Math.abs(value - named[name]) > 0.006)
      throw new AstrolabelError('surveys/labels-differ', `The name and the header of ${source} disagree on ${name}`, {
        got: `${named[name]} and ${value} (${key})`,
        expected: 'the same',
        remedy: 'Fetch the file again; one of them is wrong',
      })
    labels[name] = value === 0 ? 0 : value
  }
  return labels
}

/** Factor from the file's unit to erg/(s cm² Å). */
function perAngstrom(header: Header, source: string): number {
  const unit = header.getString('BUNIT')?.replace(/\s/g, '').toLowerCase() ?? 'erg/s/cm^2/cm'
  if (unit.endsWith('/cm')) return 1e-8
  if (/\/(?:a|angstrom|aa)$/.test(unit)) return 1
  throw new AstrolabelError('surveys/unit', `${source} has flux in a unit that is not known`, {
    got: header.getString('BUNIT'),
    expected: 'erg/s/cm^2/cm or erg/s/cm^2/A',
    remedy: 'Convert it, and write its BUNIT',
  })
}

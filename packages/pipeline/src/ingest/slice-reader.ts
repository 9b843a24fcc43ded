import type { Spectra } from '@astrolabel/spectra'
import { concatSpectra, pixelCount } from '@astrolabel/spectra'
import type { FileExtent, IngestWarning, SpectraTemplate } from '@astrolabel/surveys'
import { fitTemplate, templateOf } from '@astrolabel/surveys'
import type { OpenSurvey, SurveyName, SurveyReadOptions } from '@astrolabel/surveys/node'
import { openSurvey } from '@astrolabel/surveys/node'
import type { FileFailure } from './file-failure.js'
import { failureOf } from './file-failure.js'
import type { SourceFile } from './source-file.js'

/** Column of the output that says which file a star came from. */
export const SOURCE_COLUMN = 'source_file'

/** What a thread needs to read files; plain data. */
export interface ReadRequest {
  readonly survey: SurveyName
  /** Choices of the reader; `files` is how many files there are in all. */
  readonly options: Omit<SurveyReadOptions, 'signal' | 'onProgress' | 'onWarning'>
  /** One file of each folder: tables beside the spectra are read. */
  readonly beside: readonly string[]
}

/** How the spectra of a file are made to lie in one with those of others; plain data. */
export interface FitRequest {
  readonly template: SpectraTemplate
  /** Whether files of the survey end where they like, and are padded to their union. */
  readonly pads: boolean
  /** Stars in a batch. */
  readonly batchRows: number
}

/** What came of one file. */
export interface FileOutcome {
  readonly stars: number
  readonly failure?: FileFailure
}

/** A batch of stars and news of files, from one thread to another. */
export interface Parcel {
  readonly spectra: Spectra | undefined
  /** Files, one after another in the order of the slice, all of whose stars are in this parcel or came before it. */
  readonly done: readonly FileOutcome[]
  readonly warnings: readonly IngestWarning[]
}

/** What the first files said. */
export interface Probe {
  readonly template: SpectraTemplate | undefined
  /** Of all files, when no template was found. */
  readonly failures: readonly FileFailure[]
}

/** Reads slices of files, each file on its own, into batches that fit one another. */
export class SliceReader {
  readonly #survey: OpenSurvey
  readonly #heard: IngestWarning[]
  readonly #signal: AbortSignal | undefined

  private constructor(survey: OpenSurvey, heard: IngestWarning[], signal: AbortSignal | undefined) {
    this.#survey = survey
    this.#heard = heard
    this.#signal = signal
  }

  /** @throws what reading a catalogue or a table beside the spectra throws. */
  static async open({ survey, options, beside }: ReadRequest, signal?: AbortSignal): Promise<SliceReader> {
    const heard: IngestWarning[] = []
    const onWarning = (warning: IngestWarning): void => void heard.push(warning)
    const opened = await openSurvey(survey, beside, { ...options, signal, onWarning })
    return new SliceReader(opened, heard, signal)
  }

  /** True for surveys whose files are padded to their union. */
  get pads(): boolean {
    return this.#survey.extent !== undefined
  }

  /** Warnings since they were last taken. */
  takeWarnings(): IngestWarning[] {
    return this.#heard.splice(0)
  }

  /** What the first file that can be read sets for the others; its stars are not kept. */
  async probe(files: readonly SourceFile[]): Promise<Probe> {
    const failures: FileFailure[] = []
    for (const { path, name } of files) {
      this.#signal?.throwIfAborted()
      try {
        for await (const spectra of this.#survey.read(path, 1)) {
          if (spectra.n === 0) continue
          this.takeWarnings()
          return { template: templateOf(name, spectra), failures: [] }
        }
      } catch (error) {
        this.#signal?.throwIfAborted()
        failures.push(failureOf(path, error))
      }
    }
    return { template: undefined, failures }
  }

  /** The stretches of the lattice that files take; files that cannot be read have none, which reading them will tell. */
  async extents(files: readonly SourceFile[]): Promise<FileExtent[]> {
    const out: FileExtent[] = []
    for (const { path } of files) {
      this.#signal?.throwIfAborted()
      try {
        out.push(await this.#survey.extent!(path))
      } catch {
        this.#signal?.throwIfAborted()
      }
    }
    return out
  }

  /** The stars of a slice in batches of whole files where these fit; a file that cannot be read does not stop it. */
  async *read(slice: readonly SourceFile[], fit: FitRequest): AsyncGenerator<Parcel> {
    let pieces: Spectra[] = []
    let rows = 0
    let done: FileOutcome[] = []
    const parcel = (): Parcel => {
      const spectra = pieces.length === 0 ? undefined : concatSpectra(pieces)
      const out = { spectra, done, warnings: this.takeWarnings() }
      pieces = []
      rows = 0
      done = []
      return out
    }
    for (const file of slice) {
      let stars = 0
      let failure: FileFailure | undefined
      const read = this.#survey.read(file.path, fit.batchRows)[Symbol.asyncIterator]()
      try {
        for (;;) {
          this.#signal?.throwIfAborted()
          const next = await read.next()
          if (next.done === true) break
          if (next.value.n === 0) continue
          const fitted = fitTemplate(fit.template, file.name, next.value, fit.pads)
          this.#tellRelease(file, next.value, fit)
          if (rows > 0 && rows + fitted.n > fit.batchRows) yield parcel()
          pieces.push(withSource(fitted, file.name))
          rows += fitted.n
          stars += fitted.n
        }
      } catch (error) {
        this.#signal?.throwIfAborted()
        failure = failureOf(file.path, error)
      } finally {
        await read.return?.()
      }
      done.push(failure === undefined ? { stars } : { stars, failure })
    }
    yield parcel()
  }

  #tellRelease({ path }: SourceFile, { meta: { release } }: Spectra, { template, pads }: FitRequest): void {
    if (pads || release === template.meta.release) return
    const called = (name: string): string => name || 'an unknown release'
    this.#heard.push({
      code: 'surveys/releases-differ',
      source: path,
      message: `${path} is of ${called(release)} and ${template.name} of ${called(template.meta.release)}; all are called by the first`,
    })
  }
}

function withSource(spectra: Spectra, name: string): Spectra {
  const columns = new Map(spectra.catalog.columns)
  columns.set(SOURCE_COLUMN, { name: SOURCE_COLUMN, values: Array.from({ length: spectra.n }, () => name) })
  return { ...spectra, catalog: { n: spectra.n, columns } }
}

/** Bytes of the matrices in a batch: enough to write in one go, little beside what the process takes anyway. */
const BATCH_BYTES = 8 << 20

/** Stars in a batch of spectra like the template's, 1 to 1024. */
export function batchRowsFor({ meta, mask, wave }: SpectraTemplate): number {
  const bytes = pixelCount(meta) * (8 + (mask ? 4 : 0) + (wave ? 8 : 0))
  return Math.max(1, Math.min(1024, Math.floor(BATCH_BYTES / bytes)))
}

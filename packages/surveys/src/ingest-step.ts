import { withHistory } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'

/** The spectra with their history begun: which reader read how many files. */
export function withIngestStep(spectra: Spectra, reader: string, files: number): Spectra {
  return { ...spectra, meta: withHistory(spectra.meta, 'ingest', { reader, files }) }
}

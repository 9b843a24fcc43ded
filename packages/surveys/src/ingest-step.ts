import { withHistory } from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'

/** The spectra with their history begun: which reader read how many files, and what was chosen of their contents. */
export function withIngestStep(
  spectra: Spectra,
  reader: string,
  files: number,
  choices: Readonly<Record<string, string>> = {},
): Spectra {
  return { ...spectra, meta: withHistory(spectra.meta, 'ingest', { reader, files, ...choices }) }
}

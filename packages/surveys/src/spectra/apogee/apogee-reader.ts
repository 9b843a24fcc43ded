import { openFits } from '@astrolabel/io-fits'
import type { FitsFile } from '@astrolabel/io-fits'
import { AstrolabelError, pixelCount } from '@astrolabel/spectra'
import type { SpectraMeta, SurveyReader } from '@astrolabel/spectra'
import { withIngestStep } from '../../ingest-step.js'
import type { FileSource } from '../../ingest.js'
import { chipMeta, chipRow } from './apogee-chips.js'
import { apogeeKind } from './apogee-file.js'
import type { ApogeeKind, ApogeeReadOptions } from './apogee-file.js'
import { apStarMeta, apStarRows } from './apstar-file.js'
import { apVisitMeta, apVisitRow } from './apvisit-file.js'
import { aspcapStarMeta, aspcapStarRow } from './aspcap-star-file.js'
import { mwmApogeeMeta, mwmApogeeRows } from './mwm-apogee.js'
import { batchRowsOf, eachFile } from '../each-file.js'
import { requireSamePixels } from '../same-pixels.js'
import { batchStars } from '../star-rows.js'
import type { StarRow } from '../star-rows.js'

interface Opened {
  readonly meta: SpectraMeta
  readonly rows: AsyncIterable<StarRow> | readonly StarRow[]
}

interface KindReader {
  readonly open: (file: FitsFile, source: string, options: ApogeeReadOptions) => Promise<Opened> | Opened
  /** Options that choose what is taken from a file, for the history. */
  readonly choices: (options: ApogeeReadOptions) => Record<string, string>
}

const KINDS: Record<ApogeeKind, KindReader> = {
  apStar: {
    open: (file, source, options) => ({ meta: apStarMeta(file, source), rows: apStarRows(file, source, options) }),
    choices: ({ combined = 'pixel', mask = 'and', visits = false }): Record<string, string> =>
      visits ? { spectra: 'visits' } : { spectra: 'combined', combined, mask },
  },
  aspcapStar: {
    open: async (file, source, options) => ({
      meta: aspcapStarMeta(file, source),
      rows: [await aspcapStarRow(file, source, options)],
    }),
    choices: ({ params = 'FPARAM' }): Record<string, string> => ({ params }),
  },
  apVisit: {
    open: async (file, source, options) => {
      const row = await apVisitRow(file, source, options)
      return { meta: apVisitMeta(file, source, row.wave!), rows: [row] }
    },
    choices: (): Record<string, string> => ({}),
  },
  mwmStar: {
    open: async (file, source, options) => ({
      meta: await mwmApogeeMeta(file, source, options),
      rows: mwmApogeeRows(file, source, options),
    }),
    choices: (): Record<string, string> => ({}),
  },
}

/** Rows of 8575 pixels: a batch of so many takes 25 MB. */
const BATCH_ROWS = 256

interface First {
  readonly name: string
  readonly kind: ApogeeKind
  readonly meta: SpectraMeta
}

/**
 * Reads APOGEE: apStar files (one star, its visits combined, vacuum wavelengths at rest), aspcapStar files
 * (pseudo-normalised, with labels), apVisit files (one visit, three chips as segments, wavelengths of its own in the
 * observed frame) or astra's mwmStar and mwmVisit files of DR19 (APOGEE's part, at rest). One kind at a time. `chips`
 * cuts all but apVisit to what ASPCAP fits, three segments.
 *
 * Where APOGEE measured nothing ivar is 0. Batches hold 256 stars unless told otherwise. Files of several data releases
 * get the warning `surveys/releases-differ`.
 *
 * @throws `surveys/kinds-differ`, `surveys/grids-differ`, and what reading one file throws.
 */
export const apogeeReader: SurveyReader<readonly FileSource[], ApogeeReadOptions> = {
  survey: 'apogee',
  async *read(sources, options) {
    const step = batchRowsOf({ batchRows: options.batchRows ?? BATCH_ROWS })
    const { chips = 'all' } = options
    let first: First | undefined
    let otherRelease = false
    const stars = eachFile(sources, options, async function* (bytes, source) {
      const { name } = source
      // Files that begin with images have all that is read of them there; sky, tellurics and the rest lie behind.
      const start = await openFits(bytes, { hdus: 5 })
      const file = start.complete || start.hdus.every(({ type }) => type === 'image') ? start : await openFits(bytes)
      for (const message of file.warnings) options.onWarning?.({ code: 'surveys/fits', source: name, message })
      const kind = apogeeKind(file, name)
      const { meta: whole, rows } = await KINDS[kind].open(file, name, options)
      const meta = chipMeta(whole, chips, name)
      if (first !== undefined) requireSame(first, { name, kind, meta })
      if (first !== undefined && first.meta.release !== meta.release && !otherRelease) {
        otherRelease = true
        options.onWarning?.({
          code: 'surveys/releases-differ',
          source: name,
          message: `${name} is of ${meta.release || 'an unknown release'} and ${first.name} of ${first.meta.release || 'an unknown one'}; all are called by the first`,
        })
      }
      // A file that cannot be read must not decide what the others have to be.
      for await (const row of rows) {
        first ??= { name, kind, meta }
        yield chipRow(row, chips)
      }
    })
    for await (const batch of batchStars(stars, () => first!.meta, step))
      yield withIngestStep(batch, 'apogee', sources.length, {
        product: first!.kind,
        ...KINDS[first!.kind].choices(options),
        ...(chips === 'all' ? {} : { chips }),
      })
  },
}

function requireSame(first: First, other: First): void {
  if (first.kind !== other.kind) {
    throw new AstrolabelError('surveys/kinds-differ', `${first.name} and ${other.name} are files of two kinds`, {
      got: other.kind,
      expected: first.kind,
      remedy: 'Read one kind at a time',
    })
  }
  // Visits have wavelengths of their own, of which only the number must agree.
  if (first.kind !== 'apVisit' || pixelCount(first.meta) !== pixelCount(other.meta)) requireSamePixels(first, other)
}

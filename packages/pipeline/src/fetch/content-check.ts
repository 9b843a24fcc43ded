import { AstrolabelError } from '@astrolabel/spectra'
import { contentFormat } from '@astrolabel/surveys'

/** Bytes at the start of a file that tell what it is. */
export const TELLING_BYTES = 10

/** FITS files are made of blocks of this many bytes. */
const FITS_BLOCK = 2880

/**
 * Look at the first bytes of what is to be a FITS file: servers answer 200 with pages that say why there is none.
 *
 * @param name Its extension says what to expect; files of other formats are not looked at.
 * @throws `fetch/not-fits`.
 */
export function checkStart(name: string, head: Uint8Array): void {
  const zipped = /\.(?:fits?|fts)\.(?:gz|fz\.gz)$/i.test(name)
  if (!zipped && !/\.(?:fits?|fts)(?:\.fz)?$/i.test(name)) return
  if (contentFormat(head) === (zipped ? 'gzip' : 'fits')) return
  const start = Buffer.from(head).toString('latin1')
  throw new AstrolabelError('fetch/not-fits', `What the server sends as ${name} is not ${zipped ? 'gzip' : 'FITS'}`, {
    got: start === '' ? 'nothing' : `a file that starts with ${JSON.stringify(start)}`,
    expected: zipped ? 'a gzip file' : '"SIMPLE  ="',
  })
}

/** What is doubtful about the length of a file; undefined when nothing is. */
export function lengthDoubt(name: string, length: number): string | undefined {
  return /\.(?:fits?|fts)$/i.test(name) && length % FITS_BLOCK !== 0
    ? `${name} has ${length} bytes, which is no whole number of FITS blocks: it may be cut short`
    : undefined
}

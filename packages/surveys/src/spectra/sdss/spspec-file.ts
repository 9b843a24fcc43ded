import type { FitsFile, Header, ImageHdu } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import { readControl } from '../../catalog/fits-catalog.js'
import { stemOf } from '../file-stem.js'
import { latticeIndices } from './sdss-lattice.js'
import { objectRow } from './sdss-spec-file.js'
import type { SdssFile, SdssReadOptions } from './sdss-spec-file.js'
import type { StarRow } from '../star-rows.js'

/** Rows of the image: spectrum, the same less its continuum, standard deviation, mask. */
const FLUX = 0
const ERROR = 2
const MASK = 3

/** What SPEC_CLN calls an object (SDSS DR7, `SpecClass`): 6 is a late star, 4 a distant quasar, 7 an emission line galaxy. */
const CLASSES = ['UNKNOWN', 'STAR', 'GALAXY', 'QSO', 'QSO', 'SKY', 'STAR', 'GALAXY']

/** More rows are the spectra of a plate. */
const MAX_ROWS = 8

/** True when a file's primary image is a spectrum of SDSS: four rows or some more, and coefficients of its wavelengths. */
export function isSpSpec(file: FitsFile): boolean {
  const [hdu] = file.hdus
  if (hdu?.type !== 'image' || hdu.shape.length !== 2) return false
  return hdu.shape[0]! > MASK && hdu.shape[0]! <= MAX_ROWS && coefficients(hdu.header) !== undefined
}

/**
 * A spSpec-MJD-PLATE-FIBER file of DR7 and before: the primary image has a row each for flux, flux less continuum, one
 * standard deviation (0 where nothing was measured) and the mask, the header what was found.
 *
 * Its wavelengths are vacuum, and logarithmic though CTYPE1 says otherwise. There is one mask, with the bits of
 * SPPIXMASK; it lies in an image of single precision, so that beside a bit above 23 the lowest may be lost.
 *
 * @throws `surveys/off-lattice`, and io-fits' errors.
 */
export function spSpecFile(file: FitsFile, source: string): SdssFile {
  const image = file.image(0)
  const { header } = image
  const first = firstPixel(image, source)
  return {
    medium: header.get('VACUUM') === false ? 'air' : 'vacuum',
    frame: 'barycentric',
    ends: () => Promise.resolve({ first, end: first + image.shape[1]! }),
    async *rows(options) {
      yield await starOf(image, first, source, options)
    },
    release: () => Promise.resolve(releaseOf(header)),
  }
}

/** COEFF0 and COEFF1, else CRVAL1 and CD1_1: decimal logarithms of Å. */
function coefficients(header: Header): [start: number, step: number] | undefined {
  const start = header.getNumber('COEFF0') ?? header.getNumber('CRVAL1')
  const step = header.getNumber('COEFF1') ?? header.getNumber('CD1_1')
  return start !== undefined && step !== undefined && start > 3 && start < 5 && step > 0 ? [start, step] : undefined
}

function firstPixel(image: ImageHdu, source: string): number {
  const [start, step] = coefficients(image.header)!
  const nPix = image.shape[1]!
  // Both ends, so that another step than the lattice's is noticed.
  const loglam = Float64Array.from({ length: nPix }, (_, i) => start + i * step)
  return latticeIndices(loglam, source)[0]!
}

async function starOf(image: ImageHdu, first: number, source: string, options: SdssReadOptions): Promise<StarRow> {
  const { header } = image
  const [name] = options.columns ?? []
  if (name !== undefined) {
    throw new AstrolabelError('surveys/no-column', `${source} has no table about its object with a column ${name}`, {
      expected: 'a spec file, which has such a table',
      remedy: 'Read spSpec files without further columns',
    })
  }
  const nPix = image.shape[1]!
  const data = (await image.read({ rows: [0, MASK + 1], ...readControl(options) })).data as Float32Array
  const row = (index: number): Float32Array => data.subarray(index * nPix, (index + 1) * nPix)
  const [given, errors, bits] = [row(FLUX), row(ERROR), row(MASK)]
  const out = { flux: new Float32Array(nPix), ivar: new Float32Array(nPix), mask: new Uint32Array(nPix) }
  for (let i = 0; i < nPix; i++) {
    out.mask[i] = Number.isFinite(bits[i]) ? bits[i]! >>> 0 : 0
    if (!Number.isFinite(given[i])) continue
    out.flux[i] = given[i]!
    const weight = Math.fround(1 / errors[i]! ** 2)
    if (errors[i]! > 0 && Number.isFinite(weight)) out.ivar[i] = weight
  }
  return { ...objectOf(header, source), offset: first, ...out }
}

function objectOf(header: Header, source: string): Pick<StarRow, 'starId' | 'ra' | 'dec' | 'catalog'> {
  const [, mjd, plate, fiber] = /^spSpec-(\d+)-(\d+)-(\d+)/i.exec(stemOf(source)) ?? []
  const inName = (digits: string | undefined): number | undefined => (digits === undefined ? undefined : Number(digits))
  const spectralClass = CLASSES[header.getNumber('SPEC_CLN') ?? -1]
  return objectRow({
    source,
    plate: header.getNumber('PLATEID') ?? inName(plate),
    mjd: header.getNumber('MJD') ?? inName(mjd),
    fiber: header.getNumber('FIBERID') ?? inName(fiber),
    ra: header.getNumber('RAOBJ'),
    dec: header.getNumber('DECOBJ'),
    word: (name) => (name === 'RUN2D' ? releaseOf(header) : name === 'CLASS' ? spectralClass : undefined),
    // Its warnings have bits of their own, which are not those of ZWARNING.
    number: (name) => (name === 'Z' || name === 'Z_ERR' ? header.getNumber(name) : undefined),
  })
}

/** The version of the extraction: DR7 and before have no RUN2D. */
function releaseOf(header: Header): string {
  return (header.getString('VERS2D') ?? header.getString('RUN2D') ?? '').trim()
}

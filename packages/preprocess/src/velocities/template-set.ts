import type { Spectra, WavelengthGrid } from '@astrolabel/spectra'
import { AstrolabelError, gridLength } from '@astrolabel/spectra'
import { interpolateBad } from '../pixels/interpolate-bad.js'

/**
 * Template spectra at rest as plain JSON, so that a chain which uses them can be kept in a model and replayed where the
 * file they came from is not.
 */
export interface TemplateSet {
  readonly wavelength: WavelengthGrid
  readonly names: readonly string[]
  /** (templates × pixels) float32, little-endian, in base64. */
  readonly flux: string
}

/** 4 MB of float32: a chain is copied into the schema of every file that it wrote. */
const MOST_VALUES = 2 ** 20

/**
 * Templates of a batch of spectra in the rest frame: their fluxes, bad pixels filled from their neighbours.
 *
 * @throws `preprocess/templates` for spectra that are not at rest, not on one grid, empty, or more than 2^20 pixels.
 */
export function encodeTemplates(spectra: Spectra): TemplateSet {
  const { meta, n, nPix, wave } = spectra
  if (meta.frame !== 'rest') throw templateError(`spectra in the ${meta.frame} frame`, 'spectra in the rest frame')
  if (meta.wavelength.kind === 'segmented' || wave !== undefined)
    throw templateError('spectra in arms or on wavelengths of their own', 'spectra on one grid')
  if (n === 0 || nPix < 2) throw templateError(`${n} spectra of ${nPix} pixels`, 'one or more')
  if (n * nPix > MOST_VALUES)
    throw templateError(
      `${n} spectra of ${nPix} pixels`,
      `no more than ${MOST_VALUES} pixels in all, for they travel in the chain`,
    )
  const { flux } = interpolateBad(spectra)
  const bytes = new Uint8Array(flux.length * 4)
  const view = new DataView(bytes.buffer)
  flux.forEach((value, i) => view.setFloat32(4 * i, value, true))
  let text = ''
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return { wavelength: meta.wavelength, names: spectra.starId, flux: btoa(text) }
}

/** Fluxes of a set, (templates × pixels). @throws `preprocess/templates` when they do not fit their grid and names. */
export function decodeTemplates(set: TemplateSet): Float32Array {
  // A chain out of a file may still name one here, which only a program that reads files can open.
  if (typeof set !== 'object') throw templateError(String(set), 'templates as encodeTemplates makes them')
  const { wavelength, names, flux } = set
  let text: string
  try {
    text = atob(flux)
  } catch (cause) {
    throw templateError('text that is not base64', 'float32 in base64', cause)
  }
  const expected = names.length * gridLength(wavelength)
  if (names.length === 0 || text.length !== 4 * expected)
    throw templateError(`${text.length / 4} values`, `${names.length} templates × ${gridLength(wavelength)} pixels`)
  const view = new DataView(Uint8Array.from(text, (c) => c.charCodeAt(0)).buffer)
  return Float32Array.from({ length: expected }, (_, i) => view.getFloat32(4 * i, true))
}

function templateError(got: string, expected: string, cause?: unknown): AstrolabelError {
  return new AstrolabelError('preprocess/templates', 'These cannot be templates of velocities', {
    got,
    expected,
    remedy: 'Bring spectra to rest on one grid first, or take fewer of them',
    ...(cause === undefined ? {} : { cause }),
  })
}

import { AstrolabelError, pixelCount, takeRows } from '@astrolabel/spectra'
import type { Spectra, SpectraMeta, Table } from '@astrolabel/spectra'
import { alignTable } from '../catalog/align-table.js'
import { requireSamePixels } from './same-pixels.js'
import { endsOfGrid, latticeGrid, latticeUnion } from './sdss/sdss-lattice.js'
import type { LatticeExtent } from './sdss/sdss-lattice.js'
import { padOwn, widenOwn } from './own-wavelengths.js'
import type { OwnExtent } from './own-wavelengths.js'

/** What the spectra of many files have in common, so that they can lie in one file; plain data. */
export interface SpectraTemplate {
  /** The file it was taken from, for messages. */
  readonly name: string
  readonly meta: SpectraMeta
  readonly mask: boolean
  readonly wave: boolean
  /** The catalogue's columns, without rows. */
  readonly catalog: Table
}

/** What a file says of its wavelengths, where those of a survey's files differ. */
export type FileExtent = LatticeExtent | OwnExtent

/** What the first file of many sets for the others. */
export function templateOf(name: string, { meta, mask, wave, catalog }: Spectra): SpectraTemplate {
  return { name, meta, mask: mask !== undefined, wave: wave !== undefined, catalog: takeRows(catalog, []) }
}

/**
 * The template on the union of the stretches of the lattice that files take, or as long as the longest of files with
 * wavelengths of their own; with the releases of all.
 *
 * @param extents Of all files that can be read; the template's own stretch stays part of the union.
 */
export function widenTemplate(template: SpectraTemplate, extents: readonly FileExtent[]): SpectraTemplate {
  const own = extents.filter((extent) => 'pixels' in extent)
  if (own.length > 0) return { ...template, ...widenOwn(template.meta, template.wave, own) }
  const stretches = extents.filter((extent) => 'first' in extent)
  return widenLattice(template, stretches)
}

function widenLattice(template: SpectraTemplate, extents: readonly LatticeExtent[]): SpectraTemplate {
  const { wavelength, release } = template.meta
  const own = endsOfGrid(wavelength)
  if (own === undefined || wavelength.kind !== 'log10') return template
  let union = own
  const releases = new Set(release.split(' '))
  for (const extent of extents) {
    union = latticeUnion(union, extent)
    for (const one of extent.release.split(' ')) releases.add(one)
  }
  const words = [...releases].filter((one) => one !== '').sort()
  return {
    ...template,
    meta: { ...template.meta, wavelength: latticeGrid(union, wavelength.medium), release: words.join(' ') },
  }
}

/**
 * Spectra of one file as the template has them: its catalogue columns in its types, its metadata, and, where they take
 * another part of the lattice or have fewer wavelengths of their own, padded with ivar 0.
 *
 * @param name The file, for messages.
 * @param pads Whether spectra may be padded: the template is on a union of stretches, or as long as the longest.
 * @throws `surveys/grids-differ` for other wavelengths, `surveys/kinds-differ` for spectra that went another way.
 */
export function fitTemplate(template: SpectraTemplate, name: string, spectra: Spectra, pads: boolean): Spectra {
  const { meta } = template
  const own = pads && template.wave
  requireSameKind(template, name, spectra, own)
  const catalog = alignTable(spectra.catalog, template.catalog)
  const columns = new Map(
    [...catalog.columns].map(([key, column]) => {
      const { unit } = template.catalog.columns.get(key)!
      const { unit: _, ...unitless } = column
      return [key, unit === undefined ? unitless : { ...unitless, unit }]
    }),
  )
  const aligned = { ...spectra, meta, catalog: { n: spectra.n, columns } }
  if (own) {
    if (spectra.nPix > pixelCount(meta)) throw changed(name, `${spectra.nPix} pixels`, `at most ${pixelCount(meta)}`)
    return padOwn({ ...aligned, meta: spectra.meta }, meta)
  }
  const [from, to] = [endsOfGrid(spectra.meta.wavelength), endsOfGrid(meta.wavelength)]
  if (pads && from !== undefined && to !== undefined && sameMedium(spectra.meta, meta)) {
    if (from.first === to.first && from.end === to.end) return aligned
    if (from.first < to.first || from.end > to.end)
      throw changed(
        name,
        `lattice pixels ${from.first} to ${from.end - 1}`,
        `pixels within ${to.first} to ${to.end - 1}`,
      )
    return padded(aligned, pixelCount(meta), from.first - to.first)
  }
  // Spectra with wavelengths of their own need but the same number of them.
  if (!template.wave || spectra.nPix !== pixelCount(meta)) requireSamePixels(template, { name, meta: spectra.meta })
  return aligned
}

function changed(name: string, got: string, expected: string): AstrolabelError {
  return new AstrolabelError('surveys/off-lattice', `${name} is not what it was when reading began`, {
    got,
    expected,
    remedy: 'Read it again when nothing writes to it',
  })
}

function sameMedium(a: SpectraMeta, b: SpectraMeta): boolean {
  return a.wavelength.medium === b.wavelength.medium
}

function padded(spectra: Spectra, nPix: number, offset: number): Spectra {
  const place = <T extends Float32Array | Uint32Array | Float64Array>(matrix: T): T => {
    const out = new (matrix.constructor as new (length: number) => T)(spectra.n * nPix)
    for (let i = 0; i < spectra.n; i++)
      out.set(matrix.subarray(i * spectra.nPix, (i + 1) * spectra.nPix) as never, i * nPix + offset)
    return out
  }
  return {
    ...spectra,
    nPix,
    flux: place(spectra.flux),
    ivar: place(spectra.ivar),
    ...(spectra.mask === undefined ? {} : { mask: place(spectra.mask) }),
  }
}

function requireSameKind(template: SpectraTemplate, name: string, { meta, mask, wave }: Spectra, own: boolean): void {
  const a = kindOf(template.meta, template.mask, template.wave)
  const b = kindOf(meta, mask !== undefined, own || wave !== undefined)
  if (template.meta.fluxUnit !== undefined && meta.fluxUnit !== undefined) {
    a['flux unit'] = template.meta.fluxUnit
    b['flux unit'] = meta.fluxUnit
  }
  const key = Object.keys(a).find((one) => a[one] !== b[one])
  if (key === undefined) return
  throw new AstrolabelError('surveys/kinds-differ', `${template.name} and ${name} are files of two kinds`, {
    got: `${key} ${b[key] || '(none)'}`,
    expected: a[key] || '(none)',
    remedy: 'Read one kind at a time',
  })
}

/** What must not differ between spectra in one file, besides their wavelengths. */
function kindOf(meta: SpectraMeta, mask: boolean, wave: boolean): Record<string, string> {
  const steps = meta.history.map(({ step, options }) => {
    const { files: _, ...choices } = options
    return [step, choices]
  })
  return {
    frame: meta.frame,
    stage: meta.stage,
    noise: meta.noise,
    product: JSON.stringify(steps),
    masks: String(mask),
    'own wavelengths': String(wave),
  }
}

import { FitsError } from '../fits-error.js'
import type { Header } from '../header/header.js'
import { inheritHeader } from '../header/inherit-header.js'
import type { ByteSource } from '../source/byte-source.js'
import type { Hdu, ImageHdu, TableHdu } from './hdu.js'
import { hduLabel, isTableHdu } from './hdu.js'

const KINDS: Readonly<Record<Hdu['type'], string>> = {
  image: 'an image',
  bintable: 'a binary table',
  'compressed-image': 'a tile-compressed image',
  'compressed-table': 'a tile-compressed table',
  'ascii-table': 'an ASCII table',
  'random-groups': 'random groups',
  unknown: 'an extension of unknown type',
}

/** An open FITS file: its HDUs, found by place or by name. */
export class FitsFile {
  readonly hdus: readonly Hdu[]
  /** What is wrong with the file and does not keep it from opening. */
  readonly warnings: readonly string[]
  /** False where `hdus` does not reach the end: the option `hdus` stopped before it, or damage that `warnings` tells. */
  readonly complete: boolean
  readonly #source: ByteSource

  constructor(source: ByteSource, hdus: readonly Hdu[], warnings: readonly string[], complete = true) {
    this.#source = source
    this.hdus = hdus
    this.warnings = warnings
    this.complete = complete
  }

  /**
   * An HDU by its place (0 is the primary) or by EXTNAME (case ignored; the first of that name, or the one with EXTVER
   * `version`). Fails with `fits/no-hdu`, listing the HDUs there are.
   */
  hdu(nameOrIndex: string | number, version?: number): Hdu {
    const found = typeof nameOrIndex === 'number' ? this.hdus[nameOrIndex] : this.#find(nameOrIndex, version)
    if (found !== undefined) return found
    const asked = JSON.stringify(nameOrIndex) + (version === undefined ? '' : ` version ${version}`)
    const stopped = this.warnings.length === 0 ? '' : ` The file opened with warnings: ${this.warnings.join(' ')}`
    throw new FitsError('fits/no-hdu', `file has no HDU ${asked}`, {
      got: asked,
      expected: `one of ${this.hdus.map(hduLabel).join(', ')}`,
      remedy: `Ask for an HDU that is there${this.complete || stopped !== '' ? '' : ', or open more of the file (option hdus)'}.${stopped}`,
    })
  }

  /** An image HDU. Fails with `fits/not-an-image` saying what it is, `fits/unsupported` or `fits/no-hdu`. */
  image(nameOrIndex: string | number, version?: number): ImageHdu {
    const hdu = this.hdu(nameOrIndex, version)
    if (hdu.type === 'image') return hdu
    if (hdu.type === 'compressed-image') throw hdu.unread ?? unsupported(hdu)
    throw new FitsError('fits/not-an-image', `${hduLabel(hdu)} is not an image`, {
      got: KINDS[hdu.type],
      expected: 'an image',
      remedy: isTableHdu(hdu) ? 'Read it with table().' : 'Ask for another HDU.',
    })
  }

  /** A table HDU: binary, ASCII, or random groups. Fails with `fits/not-a-table` saying what it is, `fits/unsupported` or `fits/no-hdu`. */
  table(nameOrIndex: string | number, version?: number): TableHdu {
    const hdu = this.hdu(nameOrIndex, version)
    if (isTableHdu(hdu)) return hdu
    if (hdu.type === 'compressed-table') throw hdu.unread ?? unsupported(hdu)
    throw new FitsError('fits/not-a-table', `${hduLabel(hdu)} is not a table`, {
      got: KINDS[hdu.type],
      expected: 'a table',
      remedy: hdu.type === 'image' ? 'Read it with image().' : 'Ask for another HDU.',
    })
  }

  /**
   * The header of an HDU with what it inherits: where it has INHERIT = T, the primary's cards come behind its own, without
   * those that describe data, names and commentary (FITS 4.0, appendix K). `hdu().header` is the HDU's own.
   */
  inheritedHeader(nameOrIndex: string | number, version?: number): Header {
    const { header } = this.hdu(nameOrIndex, version)
    return inheritHeader(header, this.hdu(0).header)
  }

  /** Closes the source; reads fail from then on. */
  close(): Promise<void> {
    return this.#source.close()
  }

  #find(name: string, version: number | undefined): Hdu | undefined {
    const wanted = name.trim().toUpperCase()
    const named = this.hdus.find(
      (hdu) => hdu.name.toUpperCase() === wanted && (version === undefined || hdu.version === version),
    )
    return named ?? (wanted === 'PRIMARY' && version === undefined ? this.hdus[0] : undefined)
  }
}

function unsupported(hdu: Hdu): FitsError {
  return new FitsError('fits/unsupported', `${hduLabel(hdu)} cannot be read`, {
    got: KINDS[hdu.type],
    expected: 'an image or a binary table',
    remedy: 'This version does not read that form: write it as a plain image or a binary table first.',
  })
}

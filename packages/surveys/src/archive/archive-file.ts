import { AstrolabelError } from '@astrolabel/spectra'

/** A list of digests that an archive keeps beside its files, in the format of `sha1sum` and `sha256sum`. */
export interface ChecksumList {
  /** Where it is, below the archive's base address. */
  readonly path: string
  readonly algorithm: 'sha1' | 'sha256'
}

/** One file of a public archive. */
export interface ArchiveFile {
  /** Where it is, below the archive's base address: parts separated by `/`, not yet escaped for a URL. */
  readonly path: string
  /** Where it goes below the output folder, when that is not `path`. */
  readonly saveAs?: string
  /** Digests of the files of its folder, where the archive gives them. */
  readonly checksums?: ChecksumList
  /** True when the archive need not have it, as a node of a ragged grid: its absence is told, and is no failure. */
  readonly optional?: true
  /** Where to look next when it is not there. */
  readonly otherwise?: ArchiveFile
}

/** A folder of a public archive that is taken by listing it. */
export interface ArchiveFolder {
  /** Where it is, below the archive's base address, ending in `/`. */
  readonly path: string
  readonly checksums?: ChecksumList
  /** The files of the folder that are meant. */
  readonly accepts: (name: string) => boolean
}

/**
 * A part of a path made from what a user or a catalogue says: letters, digits and `+ - _ .`, with blanks around it removed.
 *
 * Whatever could leave the folder (`..`, slashes) or is no part of any archive's names is refused.
 *
 * @throws `archive/bad-identifier`.
 */
export function pathPart(value: string | number | bigint, what: string): string {
  const text = String(value).trim()
  if (!/^[\w+][\w.+-]*$/.test(text) || text.length > 120)
    throw new AstrolabelError('archive/bad-identifier', `This is no ${what} of the archive`, {
      got: JSON.stringify(text),
      expected: 'letters, digits, dots, pluses, hyphens and underscores',
      remedy: `Check the ${what}`,
    })
  return text
}

/**
 * A whole number as a part of a path, filled up with zeros to `width` digits.
 *
 * @throws `archive/bad-identifier` for anything but a whole number from `least` on.
 */
export function numberPart(value: string | number | bigint, what: string, width = 1, least = 0): string {
  const text = String(value).trim()
  if (!/^\d{1,15}$/.test(text) || Number(text) < least)
    throw new AstrolabelError('archive/bad-identifier', `This is no ${what} of the archive`, {
      got: JSON.stringify(text),
      expected: `a whole number from ${least} on`,
      remedy: `Check the ${what}`,
    })
  return String(Number(text)).padStart(width, '0')
}

/** One of the words that an archive knows. @throws `archive/unknown`, listing them. */
export function oneOf<Word extends string>(value: string, known: readonly Word[], what: string): Word {
  const found = known.find((word) => word.toLowerCase() === value.trim().toLowerCase())
  if (found === undefined)
    throw new AstrolabelError('archive/unknown', `There is no such ${what} to download`, {
      got: value,
      expected: `one of ${known.join(', ')}`,
    })
  return found
}

/** The address of a file: what is not safe in a URL is escaped, `+`, which names of fields hold, is left as it is. */
export function archiveUrl(base: string, path: string): string {
  const escaped = path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%2B', '+'))
    .join('/')
  return `${base.replace(/\/*$/, '/')}${escaped}`
}

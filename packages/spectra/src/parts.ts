import { crc32 } from './crc32.js'
import { AstrolabelError } from './errors.js'
import type { Spectra } from './spectra.js'
import { takeSpectra } from './spectra.js'
import { columnStrings } from './table.js'

/** Rows to fit on and rows to test on, such as those that `kFold` of metrics gives, or a split made by hand. */
export interface RowSplit {
  readonly train: ArrayLike<number>
  readonly test: ArrayLike<number>
}

/** Exists for the compiler alone: it tells the parts of a split apart. */
declare const side: unique symbol

/** Spectra that are known to be the training part of a split. */
export type TrainingPart = Spectra & { readonly [side]: 'train' }
/** Spectra that are known to be the test part of a split: no fit takes them. */
export type TestPart = Spectra & { readonly [side]: 'test' }
/**
 * What a fit takes: spectra that were never split, or the training part of a split. A {@link TestPart} does not compile;
 * what the compiler cannot see, {@link requireTraining} throws on.
 */
export type Fittable = Spectra & { readonly [side]?: 'train' }

/** Which spectra are of the same star: catalogue column `star_group` where it says so, else the star id. */
export function starGroups(spectra: Spectra): readonly string[] {
  const column = spectra.catalog.columns.get('star_group')
  if (column === undefined) return spectra.starId
  return columnStrings(column).map((group, i) => (group === '' ? spectra.starId[i]! : group))
}

/**
 * Check that no row and no star is on both sides of a split.
 *
 * @param groups (n) star of each row. @throws `split/star-on-both-sides`, naming the first such star, `split/no-row`.
 */
export function checkSplit(groups: readonly string[], split: RowSplit): void {
  const trained = new Set<string>()
  const groupOf = (row: number): string => {
    const group = groups[row]
    if (group === undefined)
      throw new AstrolabelError('split/no-row', 'The split names a row that is not there', {
        got: row,
        expected: `0 to ${groups.length - 1}`,
      })
    return group
  }
  for (let i = 0; i < split.train.length; i++) trained.add(groupOf(split.train[i]!))
  for (let i = 0; i < split.test.length; i++) {
    const group = groupOf(split.test[i]!)
    if (trained.has(group))
      throw new AstrolabelError('split/star-on-both-sides', 'A star is both trained on and tested', {
        got: `${group} (row ${split.test[i]!} of the test part)`,
        remedy: 'Split by star: kFold and splitByStar keep all rows of a star together',
      })
  }
}

/**
 * One side of a split, stamped with it: the stamp goes through processing, takes and files, and every fit looks at it.
 * The part of a part has both stamps, so that a fold within the training part is still kept from the outer test stars.
 *
 * @throws `split/star-on-both-sides` when a star of `starGroups` is on both sides, `split/no-row`.
 */
export function takePart(spectra: Spectra, split: RowSplit, name: 'train'): TrainingPart
export function takePart(spectra: Spectra, split: RowSplit, name: 'test'): TestPart
export function takePart(spectra: Spectra, split: RowSplit, name: 'train' | 'test'): Spectra {
  checkSplit(starGroups(spectra), split)
  const part = takeSpectra(spectra, split[name])
  const parts = [...(spectra.meta.parts ?? []), { split: splitId(split), name }]
  return { ...part, meta: { ...part.meta, parts } }
}

/** A short name of a split: the checksum of its rows. */
export function splitId({ train, test }: RowSplit): string {
  const rows = Int32Array.from([train.length, ...Array.from(train), ...Array.from(test)])
  return crc32(new Uint8Array(rows.buffer)).toString(16).padStart(8, '0')
}

/**
 * Throw unless something may be fitted to these spectra. Every fit calls it first.
 *
 * @param what What is to be fitted, as the message begins: `The Cannon`.
 * @returns the same spectra, as what may be fitted.
 * @throws `split/test-part` for the test part of a split, `split/two-parts` for rows of two parts put together.
 */
export function requireTraining(spectra: Spectra, what: string): Fittable {
  for (const { split, name } of spectra.meta.parts ?? []) {
    if (name === 'mixed')
      throw new AstrolabelError('split/two-parts', `${what} cannot be fitted to rows of two parts`, {
        got: `parts of split ${split}, put together`,
        expected: 'the training part alone',
        remedy: 'Fit on the training part, and only apply what was fitted to the other',
      })
    if (name === 'test')
      throw new AstrolabelError('split/test-part', `${what} cannot be fitted to test stars`, {
        got: `the test part of split ${split}`,
        expected: 'the training part',
        remedy: 'Fit on the training part, and only apply what was fitted to this one',
      })
  }
  return spectra
}

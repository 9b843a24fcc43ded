import type { Column } from '@astrolabel/spectra'
import { CellColumn, columnOfLists, numberOfText, textColumn } from './cell-columns.js'
import type { CellNumber } from './cell-columns.js'
import { isKept } from './votable-fields.js'
import type { VotableField } from './votable-fields.js'

/** The cells of a field, row by row. */
export class VotableColumn {
  readonly field: VotableField
  readonly #texts: string[] = []
  readonly #numbers: CellColumn | undefined
  readonly #lists: (readonly CellNumber[] | undefined)[] = []

  constructor(field: VotableField) {
    this.field = field
    if (field.type !== undefined && field.scalar) this.#numbers = new CellColumn(field.type, 1)
  }

  /** The next cell of a field of text. */
  addText(text: string): void {
    this.#texts.push(text)
  }

  /** The next cell of a field of single numbers. */
  addNumber(cell: CellNumber): void {
    this.#numbers!.push(cell)
  }

  /** The next cell of a field of arrays; undefined where it is missing. */
  addList(cells: readonly CellNumber[] | undefined): void {
    this.#lists.push(cells)
  }

  /** The next cell, missing. */
  addMissing(): void {
    if (this.field.type === undefined) this.#texts.push('')
    else if (this.#numbers === undefined) this.#lists.push(undefined)
    else this.#numbers.push(undefined)
  }

  /**
   * The next cell as TABLEDATA writes it. Arrays of bits may be written without blanks.
   *
   * @returns what is wrong with it, undefined when nothing is.
   */
  addWords(text: string): string | undefined {
    const { type, datatype, scalar } = this.field
    if (type === undefined) {
      this.addText(text)
      return undefined
    }
    const bare = text.trim()
    if (bare === '' || datatype.endsWith('Complex')) {
      this.addMissing()
      return undefined
    }
    const words = datatype === 'bit' ? (bare.match(/[01]/g) ?? []) : scalar ? [bare] : bare.split(/[\s,]+/)
    const cells: CellNumber[] = []
    for (const word of words) {
      if (word === this.field.null || (datatype === 'boolean' && word === '?')) {
        cells.push(undefined)
        continue
      }
      const value = numberOfText(word, type)
      if (value === null) return word.slice(0, 40)
      cells.push(typeof value === 'number' && Number.isNaN(value) ? undefined : value)
    }
    if (scalar) this.addNumber(cells[0])
    else this.addList(cells)
    return undefined
  }

  /** The column; undefined for complex numbers and for arrays of different lengths. */
  column(): Column | undefined {
    const { name, unit, type, length } = this.field
    if (!isKept(this.field)) return undefined
    if (type === undefined) return textColumn(name, this.#texts, unit)
    if (this.#numbers !== undefined) return this.#numbers.column(name, unit)
    const known = this.#lists.find((list) => list !== undefined)
    // A length that no row bears out may be any number.
    if (known === undefined && this.#lists.length > 0) return undefined
    const width = length ?? known?.length ?? 1
    if (width === 0 || this.#lists.some((list) => list !== undefined && list.length !== width)) return undefined
    return columnOfLists(name, type, this.#lists, width, unit)
  }
}

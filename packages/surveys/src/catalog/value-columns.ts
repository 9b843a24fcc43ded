import type { Column } from '@astrolabel/spectra'
import { clearColumn } from './missing-values.js'

/** A column of numbers, missing where a value is undefined, not finite or a fill of the surveys. */
export function numbersColumn(name: string, values: readonly (number | undefined)[], unit?: string): Column {
  const column = clearColumn({ name, values: Float64Array.from(values, (value) => value ?? Number.NaN) }, [-9999])
  return unit === undefined ? column : { ...column, unit }
}

/** A column of whole numbers of 32 bits, missing where a value is undefined or none. */
export function integersColumn(name: string, values: readonly (number | undefined)[]): Column {
  const good = values.map((value) => value !== undefined && Number.isInteger(value) && Math.abs(value) < 2 ** 31)
  return {
    name,
    values: Int32Array.from(values, (value, i) => (good[i]! ? value! : 0)),
    ...(good.every(Boolean) ? {} : { valid: Uint8Array.from(good, Number) }),
  }
}

/** A column of flags. FITS stores those of 32 bits with a sign, which is bit 31. */
export function flagsColumn(name: string, values: readonly (number | undefined)[]): Column {
  const good = values.map((value) => value !== undefined && Number.isInteger(value))
  return {
    name,
    values: Uint32Array.from(values, (value, i) => (good[i]! ? value! >>> 0 : 0)),
    ...(good.every(Boolean) ? {} : { valid: Uint8Array.from(good, Number) }),
  }
}

/** A column of words, missing where there is none. */
export function wordsColumn(name: string, values: readonly (string | undefined)[]): Column {
  const words = values.map((value) => value?.trim() ?? '')
  return {
    name,
    values: words,
    ...(words.every((word) => word !== '') ? {} : { valid: Uint8Array.from(words, (word) => (word === '' ? 0 : 1)) }),
  }
}

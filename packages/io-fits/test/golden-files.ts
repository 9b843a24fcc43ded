import { readFileSync } from 'node:fs'
import type { FitsArray } from '@astrolabel/io-fits'

/** The bytes of a golden file. */
export const bytes = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`golden/${name}.fits`, import.meta.url)))

/** What astropy said is in it. */
export const answer = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'))

/** Values as the golden JSON has them: 64-bit integers and what JSON cannot hold as text. */
export function plain(values: FitsArray | string[]): (number | string)[] {
  return Array.from<number | bigint | string, number | string>(values, (value) => {
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'number' || Number.isFinite(value)) return value
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf'
  })
}

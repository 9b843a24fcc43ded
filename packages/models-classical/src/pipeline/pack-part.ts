import type { ModelArray, ModelValues } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import type { StepPart } from './step.js'

const ARRAY = '$array'
const NUMBER = '$number'

/**
 * Any fitted step that is plain data, numbers, lists and typed arrays nested as they like, as it lies in a model file:
 * arrays go into the file's matrices, the rest is JSON. {@link unpackPart} gives it back the same.
 */
export function packPart(fitted: object): StepPart {
  const arrays = new Map<string, ModelArray>()
  const pack = (value: unknown, path: string): unknown => {
    if (isNumbers(value)) {
      arrays.set(path, { shape: [value.length], values: value })
      return { [ARRAY]: path }
    }
    // JSON has no word for these.
    if (typeof value === 'number' && !Number.isFinite(value)) return { [NUMBER]: String(value) }
    if (Array.isArray(value)) return value.map((one, i) => pack(one, `${path}.${i}`))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, inner]) => inner !== undefined)
        .map(([name, inner]) => [name, pack(inner, path === '' ? name : `${path}.${name}`)]),
    )
  }
  return { facts: pack(fitted, '') as Readonly<Record<string, unknown>>, arrays }
}

/** What {@link packPart} packed. @throws `model/damaged` when a matrix is not there. */
export function unpackPart(part: StepPart): unknown {
  const unpack = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(unpack)
    if (typeof value !== 'object' || value === null) return value
    const { [ARRAY]: path, [NUMBER]: word } = value as Record<string, unknown>
    if (typeof word === 'string') return Number(word)
    if (typeof path !== 'string')
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, unpack(inner)]))
    const array = part.arrays.get(path)
    if (array !== undefined) return array.values
    throw new AstrolabelError('model/damaged', `The model lacks its matrix ${path}`, { got: [...part.arrays.keys()] })
  }
  return unpack(part.facts)
}

function isNumbers(value: unknown): value is ModelValues {
  return [Float64Array, Float32Array, Int32Array, Uint32Array, Uint8Array].some((type) => value instanceof type)
}

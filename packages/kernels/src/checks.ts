import { KernelError } from './kernel-error.js'

/** Throws `bad-size` unless each named size is a whole number from 0 up. */
export function checkSizes(kernel: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && size >= 0) continue
    throw new KernelError('bad-size', {
      what: `${kernel}: ${name}`,
      got: String(size),
      expected: 'a whole number, 0 or more',
      remedy: 'Pass the size of the matrix or batch.',
    })
  }
}

/** Throws `bad-length` unless the named array has exactly the elements that the sizes call for. */
export function checkLength(kernel: string, name: string, got: number, expected: number, shape: string): void {
  if (got === expected) return
  throw new KernelError('bad-length', {
    what: `${kernel}: length of ${name}`,
    got: String(got),
    expected: `${expected} (${shape})`,
    remedy: `Check the sizes, or pass ${name}.subarray(…) of a larger buffer.`,
  })
}

/** Throws `bad-grid` unless the values ascend strictly. Linear in their number. */
export function checkAscending(kernel: string, name: string, values: Float64Array): void {
  for (let i = 1; i < values.length; i++) {
    if (values[i - 1]! < values[i]!) continue
    throw new KernelError('bad-grid', {
      what: `${kernel}: ${name}`,
      got: `${values[i - 1]} then ${values[i]} at index ${i}`,
      expected: 'strictly ascending values',
      remedy: 'Sort the grid and drop repeated values.',
    })
  }
}

/** Throws `bad-option` unless the option is a finite number, not below `least`. */
export function checkOption(kernel: string, name: string, value: number, least: number = -Infinity): void {
  if (Number.isFinite(value) && value >= least) return
  throw new KernelError('bad-option', {
    what: `${kernel}: option ${name}`,
    got: String(value),
    expected: least === -Infinity ? 'a finite number' : `a finite number, ${least} or more`,
    remedy: 'Leave it out for the default.',
  })
}

// Set up for vitest: typed arrays of the same type and bytes are equal, which is seen a thousand times faster than element
// by element. All else is left to vitest, so that what differs is told as ever.
import { expect } from 'vitest'

expect.addEqualityTesters([
  (a, b) =>
    ArrayBuffer.isView(a) && ArrayBuffer.isView(b) && a.constructor === b.constructor && sameBytes(a, b)
      ? true
      : undefined,
])

function sameBytes(a, b) {
  return bytesOf(a).equals(bytesOf(b))
}

function bytesOf({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength)
}

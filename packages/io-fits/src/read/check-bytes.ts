import { FitsError } from '../fits-error.js'

/** Fails with `fits/truncated` where a source of `sourceSize` bytes cannot hold `length` bytes at `offset`. */
export function requireBytes(sourceSize: number, label: string, offset: number, length: number): void {
  if (length === 0 || offset + length <= sourceSize) return
  throw new FitsError('fits/truncated', `data of ${label} are cut short`, {
    got: `${Math.max(0, sourceSize - offset)} bytes there`,
    expected: `${length} bytes needed from byte ${offset}`,
    remedy: 'Fetch the file again; HDUs before this one can be read.',
  })
}

/** `[start, end)` checked against `length`; the whole where `rows` is undefined. Fails with `fits/bad-range`. */
export function rowRange(rows: readonly [number, number] | undefined, length: number, label: string): [number, number] {
  if (rows === undefined) return [0, length]
  const [start, end] = rows
  if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= length)
    return [start, end]
  throw new FitsError('fits/bad-range', `rows of ${label} are out of range`, {
    got: `[${start}, ${end})`,
    expected: `whole numbers with 0 <= start <= end <= ${length}`,
    remedy: 'Ask for rows that are there.',
  })
}

import { FitsError } from '../fits-error.js'

/** Why the bytes of a tile cannot be decoded, before it is known which tile of which HDU they are. */
export class TileError extends Error {
  readonly got: string | number
  readonly expected: string | number

  constructor(what: string, got: string | number, expected: string | number) {
    super(what)
    this.got = got
    this.expected = expected
  }
}

/** The decoded bytes do not fit in the room there is: with more of it the same bytes may decode. */
export class OutputFull extends TileError {}

/** The error of tile `index` of the HDU `label`; what is no `TileError` stays as it is. */
export function tileFailure(error: unknown, index: number, label: string): unknown {
  return failure(error, `tile ${index} of ${label}`)
}

/** The error of row `index` of the column `label`, an array compressed on its own. */
export function rowFailure(error: unknown, index: number, label: string): unknown {
  return failure(error, `row ${index} of ${label}`)
}

function failure(error: unknown, what: string): unknown {
  if (!(error instanceof TileError)) return error
  return new FitsError('fits/bad-tile', `${what} cannot be decoded: ${error.message}`, {
    got: error.got,
    expected: error.expected,
    remedy: 'The file is damaged: fetch it again; rows in other tiles can be read.',
    cause: error,
  })
}

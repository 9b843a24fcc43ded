import { dtypeOf, shapeSize } from '../dtype.js'
import type { Card } from '../header/card.js'
import type { StoredDtype } from '../number-format.js'
import { badInput } from './bad-input.js'
import type { EncodedNumbers } from './encode-numbers.js'
import { encodeNumbers } from './encode-numbers.js'
import type { EncodedHdu } from './encoded-hdu.js'
import { card, encodedHdu, encodeHeader } from './encoded-hdu.js'
import type { ImageInput } from './hdu-input.js'

/** BITPIX of each way to store numbers. */
export const STORED_BITPIX: Readonly<Record<StoredDtype, number>> = { u1: 8, i2: 16, i4: 32, i8: 64, f4: -32, f8: -64 }

/** An image HDU; the first HDU of a file is its primary. Fails with `fits/bad-input`. */
export function encodeImage(input: ImageInput, primary: boolean): EncodedHdu {
  const { numbers, shape } = imageNumbers(input)
  const header = encodeHeader(structuralCards(primary, shape, numbers), input)
  return encodedHdu(header, numbers === undefined ? 0 : shapeSize(shape), numbers?.itemBytes ?? 1, (view, at, count) =>
    numbers?.write(view, { offset: 0, stride: count * numbers.itemBytes, cells: 1, count }, at),
  )
}

/** The numbers of an image, checked, and its shape; no numbers where it has no data. Fails with `fits/bad-input`. */
export function imageNumbers(input: ImageInput): {
  readonly numbers: EncodedNumbers | undefined
  readonly shape: readonly number[]
  readonly label: string
} {
  const { data } = input
  const label = `image ${JSON.stringify(input.name ?? '')}`
  if (data !== undefined && dtypeOf(data) === undefined) {
    throw badInput(`${label} cannot be written`, Object.prototype.toString.call(data), 'a typed array', 'Give one.')
  }
  const shape = data === undefined ? (input.shape ?? []) : (input.shape ?? [data.length])
  const length = shape.length === 0 ? 0 : shapeSize(shape)
  if (length !== (data?.length ?? 0)) {
    throw badInput(
      `${label} does not have the size of its shape`,
      `${data?.length ?? 0} values`,
      `${length} for shape [${shape.join(', ')}]`,
      'Give the shape slowest axis first.',
    )
  }
  return { numbers: data === undefined ? undefined : encodeNumbers(data, input, input.blank, label), shape, label }
}

function structuralCards(primary: boolean, shape: readonly number[], numbers: EncodedNumbers | undefined): Card[] {
  const cards = [
    primary ? card('SIMPLE', true, 'conforms to FITS standard') : card('XTENSION', 'IMAGE', 'image extension'),
    card('BITPIX', numbers === undefined ? 8 : STORED_BITPIX[numbers.stored], 'array data type'),
    card('NAXIS', shape.length, 'number of array dimensions'),
    ...[...shape].reverse().map((axis, i) => card(`NAXIS${i + 1}`, axis)),
  ]
  if (primary) cards.push(card('EXTEND', true))
  else cards.push(card('PCOUNT', 0, 'number of parameters'), card('GCOUNT', 1, 'number of groups'))
  if (numbers?.zero !== undefined) {
    cards.push(card('BSCALE', numbers.scale ?? 1), card('BZERO', numbers.zero))
  }
  if (numbers?.null !== undefined) cards.push(card('BLANK', numbers.null, 'stored value of missing pixels'))
  return cards
}

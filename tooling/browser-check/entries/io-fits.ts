import { encodeFits, openFits } from '@astrolabel/io-fits'
import { toArrow } from '@astrolabel/io-fits/arrow'

// An image of the bytes 1 to 4, packed: two gzip members, which browsers do not unpack by themselves, and bzip2.
const PACKED = [
  'H4sIAAAAAAACAwv29A3wcVVQsFXAAkIUSAZOniEBnhE4zLMg3Tw/xwjPYAUc5hmSaZ4hDvNMSDfP1c9FYRSMglEwCkbBKBgFo2AUjBzAyMTMwjAAAADFvDu1uAsAAB+LCAAAAAAAAgPtwQENAAAAwqD3T20ON6AAAODPAAoKgVPICgAA',
  'QlpoOTFBWSZTWZTNenIAAFf+APwAQABAASRCPidMQAAIIABUJSnqNBoaPU0ZlBJUxogwgDJhIZwIGhKL3JBGYXnSjIOJBfJJQx28AO5YCg54y3xz1PoHkbtGRFFIKIh0Ifi7kinChISma9OQ',
]

async function unpacked(base64: string): Promise<number[]> {
  const file = await openFits(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)))
  return Array.from<unknown, number>((await file.image(0).read()).data, Number)
}

export async function run(): Promise<unknown> {
  const bytes = encodeFits([
    { kind: 'image', name: 'FLUX', shape: [2, 2], data: new Float32Array([1, 2.5, -3, 4]) },
    {
      kind: 'table',
      name: 'STARS',
      columns: [
        { name: 'ID', values: ['one', 'two'] },
        { name: 'TARGETID', values: new BigInt64Array([39628511852629155n, 1n]) },
      ],
    },
  ])
  const file = await openFits(new Blob([bytes as Uint8Array<ArrayBuffer>]))
  const image = await file.image(0).read()
  const table = await file.table('STARS').read()
  const [ids, targets] = ['ID', 'TARGETID'].map((name) => Array.from(table.column(name).values, String))
  const batches: string[][] = []
  for await (const batch of toArrow(file.table('STARS'))) batches.push(batch.toArray().map(String))
  const packed = await Promise.all(PACKED.map(unpacked))
  return { bytes: bytes.length, shape: image.shape, data: [...image.data].map(Number), ids, targets, batches, packed }
}

export const expected = {
  bytes: 11520,
  shape: [2, 2],
  data: [1, 2.5, -3, 4],
  ids: ['one', 'two'],
  targets: ['39628511852629155', '1'],
  batches: [['{"ID": "one", "TARGETID": 39628511852629155}', '{"ID": "two", "TARGETID": 1}']],
  packed: [
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ],
}

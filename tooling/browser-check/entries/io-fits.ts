import { encodeFits, openFits } from '@astrolabel/io-fits'
import { toArrow } from '@astrolabel/io-fits/arrow'

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
  return { bytes: bytes.length, shape: image.shape, data: [...image.data].map(Number), ids, targets, batches }
}

export const expected = {
  bytes: 11520,
  shape: [2, 2],
  data: [1, 2.5, -3, 4],
  ids: ['one', 'two'],
  targets: ['39628511852629155', '1'],
  batches: [['{"ID": "one", "TARGETID": 39628511852629155}', '{"ID": "two", "TARGETID": 1}']],
}

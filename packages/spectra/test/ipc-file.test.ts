import {
  concatSpectra,
  encodeIpc,
  requireColumn,
  takeSpectra,
  throwIfAborted,
  labelInfo,
  makeLabels,
  makeTable,
  spectraToRecordBatch,
  tableToRecordBatch,
} from '@astrolabel/spectra'
import type { Spectra } from '@astrolabel/spectra'
import {
  countIpcBatches,
  IpcFileWriter,
  readIpcFile,
  readIpcSchema,
  readLabelsFile,
  readSpectraFile,
  recoverIpcBatches,
  writeLabelsFile,
  writeSpectraFile,
} from '@astrolabel/spectra/node'
import type { RecordBatch } from 'apache-arrow'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { caught, caughtLater } from './caught.js'
import { EVERY_COLUMN, everyColumn, exampleMeta, exampleSpectra } from './example-spectra.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'astrolabel-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const small: RecordBatch = tableToRecordBatch(everyColumn)

test('batches of spectra come back one by one, a generator or a list, those of no stars included', async () => {
  const path = join(folder, 'spectra.arrow')
  const batches = [exampleSpectra(3, 4), exampleSpectra(0, 4), exampleSpectra(2, 4, { first: 3 })]
  expect(await writeSpectraFile(path, batches)).toBe(5)
  expect(await all(readSpectraFile(path))).toEqual(batches)
  async function* generate(): AsyncGenerator<Spectra> {
    await setImmediate()
    yield* batches
  }
  const other = join(folder, 'other.arrow')
  expect(await writeSpectraFile(other, generate())).toBe(5)
  expect(readFileSync(other).equals(readFileSync(path))).toBe(true)
  expect(readdirSync(folder).toSorted()).toEqual(['other.arrow', 'spectra.arrow'])
})

test('the file is the one that is made in memory', async () => {
  const path = join(folder, 'spectra.arrow')
  const batches = [exampleSpectra(3, 4), exampleSpectra(2, 4, { first: 3 })]
  await writeSpectraFile(path, batches)
  expect(new Uint8Array(readFileSync(path))).toEqual(encodeIpc(batches.map(spectraToRecordBatch)))
})

test('no star at all makes a file of no rows', async () => {
  const path = join(folder, 'none.arrow')
  const none = exampleSpectra(0, 4)
  expect(await writeSpectraFile(path, [none])).toBe(0)
  expect(await all(readSpectraFile(path))).toEqual([none])
})

test('batches are cut to 1024 stars, with all that belongs to them', async () => {
  const path = join(folder, 'large.arrow')
  const three = exampleSpectra(3, 2, {
    mask: Uint32Array.of(1, 2, 3, 4, 5, 6),
    catalog: makeTable(EVERY_COLUMN.filter(({ unit }) => unit !== '')),
  })
  const large = takeSpectra(
    three,
    Array.from({ length: 2500 }, (_, i) => (i * i) % 3),
  )
  expect(await writeSpectraFile(path, [large])).toBe(2500)
  const parts = await all(readSpectraFile(path))
  expect(parts.map((part) => part.n)).toEqual([1024, 1024, 452])
  const whole = concatSpectra(parts)
  for (const { name } of large.catalog.columns.values()) {
    expect(requireColumn(whole.catalog, name)).toEqual(requireColumn(large.catalog, name))
  }
  expect(whole).toEqual(large)
})

test('a batch of other wavelengths does not go into the file of the first', async () => {
  const path = join(folder, 'spectra.arrow')
  const shifted = exampleMeta(4, { wavelength: { kind: 'linear', start: 4001, step: 1, length: 4, medium: 'vacuum' } })
  const batches = [exampleSpectra(1, 4), exampleSpectra(1, 4, { meta: shifted })]
  const error = await caughtLater(writeSpectraFile(path, batches))
  expect(error.code).toBe('spectra/shape')
  expect(error.message).toMatch(/has other wavelengths than those before it\. Write spectra of one grid to one file$/)
  const masked = exampleSpectra(1, 4, { mask: new Uint32Array(4) })
  expect(await caughtLater(writeSpectraFile(path, [batches[0]!, masked]))).toMatchObject({
    code: 'arrow/schema-changed',
  })
  expect(readdirSync(folder)).toEqual([])
})

test('labels come back, cut to 1024 stars', async () => {
  const path = join(folder, 'labels.arrow')
  const n = 1030
  const labels = makeLabels({
    starId: Array.from({ length: n }, (_, i) => `${i}`),
    labels: [labelInfo('teff')],
    values: Float64Array.from({ length: n }, (_, i) => (i % 5 === 0 ? Number.NaN : i)),
    flags: Uint32Array.from({ length: n }, (_, i) => i),
  })
  expect(await writeLabelsFile(path, [labels])).toBe(n)
  const parts = await readLabelsFile(path)
  expect(parts.map((part) => part.n)).toEqual([1024, 6])
  expect(parts.flatMap((part) => [...part.values])).toEqual([...labels.values])
  expect(parts.flatMap((part) => [...part.flags])).toEqual([...labels.flags])
  expect(parts[1]!.starId).toEqual(labels.starId.slice(1024))
})

test('an iteration that throws or is aborted leaves no file, and leaves the old one alone', async () => {
  const path = join(folder, 'spectra.arrow')
  writeFileSync(path, 'old')
  const controller = new AbortController()
  const during: string[][] = []
  function* batches(): Generator<Spectra> {
    for (let i = 0; ; i++) {
      throwIfAborted({ signal: controller.signal })
      yield exampleSpectra(2, 4, { first: 2 * i })
      during.push(readdirSync(folder))
      if (i === 2) controller.abort(new Error('Ctrl-C'))
    }
  }
  await expect(writeSpectraFile(path, batches())).rejects.toThrow('Ctrl-C')
  expect(during.at(-1)).toEqual(['spectra.arrow', expect.stringMatching(/^spectra\.arrow\.\d+\.part$/)])
  expect(readdirSync(folder)).toEqual(['spectra.arrow'])
  expect(readFileSync(path, 'utf8')).toBe('old')
})

test('nothing to write is an error and no file', async () => {
  const path = join(folder, 'spectra.arrow')
  const error = await caughtLater(writeSpectraFile(path, []))
  expect(error.code).toBe('arrow/empty')
  expect(error.message).toBe(`Nothing was written to ${path}. Check that the input has any rows`)
  expect(readdirSync(folder)).toEqual([])
})

test('a name that cannot be taken leaves nothing beside it', () => {
  const path = join(folder, 'taken')
  mkdirSync(join(path, 'inside'), { recursive: true })
  const writer = new IpcFileWriter(path)
  writer.write(small)
  expect(() => {
    writer.close()
  }).toThrow(/rename/)
  expect(readdirSync(folder)).toHaveLength(2)
  writer.discard()
  expect(readdirSync(folder)).toEqual(['taken'])
})

test('a writer that is closed or discarded takes no more, and stays as it is', () => {
  const path = join(folder, 'table.arrow')
  const writer = new IpcFileWriter(path)
  writer.write(small)
  expect(existsSync(path)).toBe(false)
  writer.close()
  writer.discard()
  expect(writer.rows).toBe(3)
  expect(caught(() => writer.write(small)).code).toBe('arrow/closed')
  expect(caught(() => writer.close()).message).toBe(`${path} is closed and takes no more rows`)
  expect(readdirSync(folder)).toEqual(['table.arrow'])
  const dropped = new IpcFileWriter(join(folder, 'dropped.arrow'))
  dropped.write(small)
  dropped.discard()
  dropped.discard()
  expect(caught(() => dropped.write(small)).code).toBe('arrow/closed')
  expect(readdirSync(folder)).toEqual(['table.arrow'])
})

test('what is known only at the end goes into the footer, where readers of files look', async () => {
  const path = join(folder, 'table.arrow')
  const writer = new IpcFileWriter(path)
  writer.write(small)
  writer.close(new Map([['made of', 'three files']]))
  const { metadata, fields } = await readIpcSchema(path)
  expect(metadata.get('made of')).toBe('three files')
  expect(fields.map((field) => field.name)).toEqual(small.schema.fields.map((field) => field.name))
  expect(await all(readIpcFile(path))).toHaveLength(1)
})

test('what was left aside is recovered batch by batch, up to those that are known to be whole', async () => {
  const path = join(folder, 'spectra.arrow')
  const writer = new IpcFileWriter(path, join(folder, 'aside.part'))
  const batches = [1, 2, 3].map((n) => spectraToRecordBatch(exampleSpectra(n, 4)))
  for (const batch of batches) writer.write(batch)
  writer.leave()
  writer.discard()
  expect(caught(() => writer.write(batches[0]!)).code).toBe('arrow/closed')
  expect(readdirSync(folder)).toEqual(['aside.part'])
  const rows = async (count: number): Promise<number[]> =>
    (await all(recoverIpcBatches(writer.aside, count))).map((batch) => batch.numRows)
  expect(await rows(0)).toEqual([])
  expect(await rows(2)).toEqual([1, 2])
  expect(await rows(3)).toEqual([1, 2, 3])
  const [, , third] = await all(recoverIpcBatches(writer.aside, 3))
  expect(encodeIpc([third!])).toEqual(encodeIpc([batches[2]!]))
  // Cut in the third batch, as by a process that was killed.
  writeFileSync(writer.aside, readFileSync(writer.aside).subarray(0, -20))
  expect(await rows(2)).toEqual([1, 2])
  expect((await caughtLater(rows(3))).code).toBe('arrow/unreadable')
})

test('a file of another kind is not taken for spectra or labels', async () => {
  const path = join(folder, 'table.arrow')
  writeFileSync(path, encodeIpc([small]))
  expect((await readIpcSchema(path)).names).toEqual(small.schema.names)
  expect(await caughtLater(all(readSpectraFile(path)))).toMatchObject({ code: 'spectra/not-spectra' })
  expect(await caughtLater(readLabelsFile(path))).toMatchObject({ code: 'labels/not-labels' })
})

test('a file that was cut anywhere is named in the error', async () => {
  const path = join(folder, 'cut.arrow')
  const bytes = encodeIpc([small, small])
  for (let length = 0; length < bytes.length; length += 37) {
    writeFileSync(path, bytes.subarray(0, length))
    const error = await caughtLater(all(readIpcFile(path)))
    expect(error.code).toBe('arrow/unreadable')
    expect(error.message).toContain(`${path} is not a whole Arrow IPC file: got `)
    expect((await caughtLater(readIpcSchema(path))).code).toBe('arrow/unreadable')
  }
})

test.each([
  ['text', 'star_id,teff\n1,5000\n'],
  ['an ending but no footer', `ARROW1\0\0${'x'.repeat(64)}ARROW1`],
])('%s is no Arrow file', async (_, content) => {
  const path = join(folder, 'other.arrow')
  writeFileSync(path, content)
  expect((await caughtLater(all(readSpectraFile(path)))).code).toBe('arrow/unreadable')
  expect((await caughtLater(readIpcSchema(path))).code).toBe('arrow/unreadable')
})

test('a stream lying in a file is read, and a file of no batches has its schema', async () => {
  const path = join(folder, 'stream.arrow')
  writeFileSync(path, encodeIpc([small, small]).subarray(8))
  expect((await all(readIpcFile(path))).map((batch) => batch.numRows)).toEqual([3, 3])
  writeFileSync(path, encodeIpc([], small.schema))
  expect((await all(readIpcFile(path))).map((batch) => [batch.numRows, batch.numCols])).toEqual([[0, small.numCols]])
})

test('a file that is not there is Node’s own error', async () => {
  await expect(all(readSpectraFile(join(folder, 'nowhere.arrow')))).rejects.toMatchObject({ code: 'ENOENT' })
})

const handles = '/proc/self/fd'

test.skipIf(!existsSync(handles))('files are closed, read to the end or not, whole or broken', async () => {
  const path = join(folder, 'spectra.arrow')
  await writeSpectraFile(path, [exampleSpectra(3, 4), exampleSpectra(3, 4)])
  await all(readSpectraFile(path))
  await readIpcSchema(path)
  for await (const batch of readSpectraFile(path)) {
    expect(batch.n).toBe(3)
    break
  }
  writeFileSync(path, readFileSync(path).subarray(0, 500))
  await caughtLater(all(readSpectraFile(path)))
  const open = readdirSync(handles).map((fd) => {
    try {
      return readlinkSync(join(handles, fd))
    } catch {
      return ''
    }
  })
  expect(open.filter((target) => target.startsWith(folder))).toEqual([])
})

test('memory stays flat: of twenty batches no more than the last two are held, writing or reading', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let refs: WeakRef<object>[] = []
  const held: number[] = []
  const watch = async (batch: Spectra): Promise<void> => {
    refs.push(new WeakRef(batch.flux.buffer))
    await setImmediate()
    collect()
    held.push(refs.filter((ref) => ref.deref() !== undefined).length)
  }
  async function* batches(): AsyncGenerator<Spectra> {
    for (let i = 0; i < 20; i++) {
      const batch = exampleSpectra(64, 50, { first: 64 * i })
      await watch(batch)
      yield batch
    }
  }
  const path = join(folder, 'flat.arrow')
  await writeSpectraFile(path, batches())
  expect(held).toHaveLength(20)
  expect(Math.max(...held)).toBeLessThanOrEqual(2)
  refs = []
  held.length = 0
  for await (const batch of readSpectraFile(path)) await watch(batch)
  expect(held).toHaveLength(20)
  expect(Math.max(...held)).toBeLessThanOrEqual(2)
})

test('the number of batches is known from the footer', async () => {
  const path = join(folder, 'counted.arrow')
  await writeSpectraFile(path, [exampleSpectra(3, 8), exampleSpectra(2, 8)])
  expect(await countIpcBatches(path)).toBe(2)
  writeFileSync(path, 'no Arrow')
  expect((await caughtLater(countIpcBatches(path))).code).toBe('arrow/unreadable')
})

import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { ByteSource, ColumnInput, HduInput } from '@astrolabel/io-fits'
import { blobSource, bytesSource, encodeFits, openFits } from '@astrolabel/io-fits'
import { openFitsFile } from '@astrolabel/io-fits/node'

interface CountingSource extends ByteSource {
  reads: number
  bytes: number
  reset(): void
}

function countingSource(bytes: Uint8Array, seekCost?: number): CountingSource {
  const inner = bytesSource(bytes)
  const counting: CountingSource = {
    ...inner,
    ...(seekCost === undefined ? {} : { seekCost }),
    reads: 0,
    bytes: 0,
    read: (offset, length) => {
      counting.reads++
      counting.bytes += length
      return inner.read(offset, length)
    },
    reset: () => {
      counting.reads = 0
      counting.bytes = 0
    },
  }
  return counting
}

const ramp = (length: number, from = 0): Float32Array => Float32Array.from({ length }, (_, i) => from + i)

/** A table whose row is `pixels` floats for each of `spectra`, with a short id between. */
function wideTable(rows: number, pixels: number, spectra: number): HduInput {
  const columns: ColumnInput[] = []
  for (let i = 0; i < spectra; i++) {
    columns.push({ name: `ID${i}`, values: Int32Array.from({ length: rows }, (_, row) => row * 100 + i) })
    columns.push({ name: `S${i}`, values: ramp(rows * pixels, i), shape: [pixels] })
  }
  return { kind: 'table', name: 'WIDE', columns }
}

test('opening reads headers, not data, and one HDU not the others', async () => {
  const image: HduInput = { kind: 'image', name: 'BIG', data: ramp(3_000_000) }
  const source = countingSource(encodeFits([image, { ...image, name: 'SMALL', data: ramp(100) }, image]))
  const file = await openFits(source)
  expect(file.hdus).toHaveLength(3)
  expect(source.bytes).toBeLessThan(100_000)
  expect(source.reads).toBeLessThanOrEqual(4)
  source.reset()
  await file.image('SMALL').read()
  expect([source.reads, source.bytes]).toEqual([1, 400])
})

test('rows of an image are all that is read', async () => {
  const source = countingSource(encodeFits([{ kind: 'image', shape: [1000, 1000], data: ramp(1_000_000) }]))
  const hdu = (await openFits(source)).image(0)
  source.reset()
  const { data } = await hdu.read({ rows: [500, 502] })
  expect(source.bytes).toBe(8000)
  expect([data[0], data[1999]]).toEqual([500_000, 501_999])
})

test('columns far apart are read by seeking, the rest of the row is not', async () => {
  const rows = 20
  const source = countingSource(encodeFits([wideTable(rows, 20_000, 4)]))
  const hdu = (await openFits(source)).table('WIDE')
  source.reset()
  const table = await hdu.read({ columns: ['ID1', 'ID3'], rows: [2, 12] })
  expect(table.column('ID1').values).toEqual(Int32Array.from({ length: 10 }, (_, i) => (i + 2) * 100 + 1))
  expect(table.column('ID3').values).toEqual(Int32Array.from({ length: 10 }, (_, i) => (i + 2) * 100 + 3))
  expect([source.reads, source.bytes]).toEqual([20, 80])
})

test('ten columns side by side in a wide row cost their bytes, not the row', async () => {
  const rows = 50
  const columns = Array.from({ length: 10 }, (_, i) => ({ name: `c${i}`, values: ramp(rows, i) }))
  const spectrum = { name: 'spectrum', values: ramp(rows * 20_000), shape: [20_000] }
  const source = countingSource(encodeFits([{ kind: 'table', columns: [...columns, spectrum] }]))
  const hdu = (await openFits(source)).table(1)
  source.reset()
  const table = await hdu.read({ columns: columns.map(({ name }) => name) })
  expect(table.column('c7').values).toEqual(columns[7]?.values)
  expect([source.reads, source.bytes]).toEqual([rows, rows * 40])
})

test('narrow rows are read in chunks: few reads, each byte once', async () => {
  const rows = 100_000
  const columns = Array.from({ length: 8 }, (_, i) => ({ name: `c${i}`, values: ramp(rows, i) }))
  const source = countingSource(encodeFits([{ kind: 'table', columns }]))
  const hdu = (await openFits(source)).table(1)
  source.reset()
  const table = await hdu.read({ columns: ['c6', 'c2'] })
  expect([...table.columns.keys()]).toEqual(['c6', 'c2'])
  expect(table.column('c2').values).toEqual(columns[2]?.values)
  expect(table.column('c6').values).toEqual(columns[6]?.values)
  expect(source.reads).toBeLessThanOrEqual(4)
  // From the first wanted byte to the last: c2 of the first row to c6 of the last.
  expect(source.bytes).toBe(rows * 32 - 8 - 4)
})

test('a source that seeks cheaply, or dearly, says so', async () => {
  const bytes = encodeFits([wideTable(10, 500, 3)])
  const cheap = countingSource(bytes, 100)
  const dear = countingSource(bytes, 1e6)
  const answers = []
  for (const source of [cheap, dear]) {
    const hdu = (await openFits(source)).table(1)
    source.reset()
    answers.push((await hdu.read({ columns: ['ID0', 'ID2'] })).column('ID2').values)
  }
  expect(answers[0]).toEqual(answers[1])
  expect([cheap.reads, cheap.bytes]).toEqual([20, 80])
  expect(dear.reads).toBe(1)
})

test('progress comes to its end, and a signal stops the read', async () => {
  const file = await openFits(encodeFits([{ kind: 'image', data: ramp(1_000_000) }, wideTable(40, 20_000, 2)]))
  const seen: [number, number][] = []
  await file.image(0).read({ onProgress: (done, total) => seen.push([done, total]) })
  expect(seen.at(-1)).toEqual([4_000_000, 4_000_000])
  const stop = new AbortController()
  const reading = file.table(1).read({ columns: ['ID0'], signal: stop.signal, onProgress: () => stop.abort() })
  await expect(reading).rejects.toThrow('aborted')
})

test('an open that wants some HDUs reads no header behind them', async () => {
  const image: HduInput = { kind: 'image', name: 'A', data: ramp(100_000) }
  const source = countingSource(encodeFits(['A', 'B', 'C', 'D', 'E'].map((name) => ({ ...image, name }))))
  const names = async (hdus: number | readonly string[]): Promise<string[]> => {
    source.reset()
    const file = await openFits(source, { hdus })
    expect(file.complete).toBe(false)
    return file.hdus.map(({ name }) => name)
  }
  expect(await names(1)).toEqual(['A'])
  expect(source.reads).toBe(1)
  expect(await names(3)).toEqual(['A', 'B', 'C'])
  expect(source.reads).toBe(3)
  expect(await names(['c', 'b '])).toEqual(['A', 'B', 'C'])
  expect(source.reads).toBe(3)
  expect(await names(['PRIMARY'])).toEqual(['A'])
  const all = await openFits(source, { hdus: ['B', 'Z'] })
  expect([all.hdus.length, all.complete]).toEqual([5, true])
  const two = await openFits(source, { hdus: 2 })
  expect(() => two.hdu('D')).toThrow(/got "D", expected one of HDU 0 \(A\), HDU 1 \(B\).*open more of the file/)
  await expect(openFits(source, { hdus: 0 })).rejects.toThrow('got 0, expected a whole number, 1 or more')
  await expect(openFits(source, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})

test('of a Blob only the slices that are asked for are loaded', async () => {
  const image: HduInput = { kind: 'image', name: 'BIG', data: ramp(1_000_000) }
  const blob = new Blob([encodeFits([image, wideTable(20, 20_000, 4)]) as Uint8Array<ArrayBuffer>])
  const slice = vi.spyOn(blob, 'slice')
  const loaded = (): number => slice.mock.calls.reduce((sum, [start = 0, end = 0]) => sum + end - start, 0)
  const hdu = (await openFits(blobSource(blob))).table('WIDE')
  expect(loaded()).toBeLessThan(100_000)
  slice.mockClear()
  expect((await hdu.read({ columns: ['ID1', 'ID3'] })).column('ID3').values[19]).toBe(1903)
  expect(loaded()).toBe(20 * 2 * 4)
})

test('of a file that no memory holds, the rows and columns asked for are read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'io-fits-'))
  try {
    const path = join(folder, 'large.fits')
    // 10 rows of zeros, then the header says a million: 400 GB, of which the disk holds the header alone.
    const small = encodeFits([wideTable(10, 100_000, 1), { kind: 'image', name: 'LAST', data: ramp(4) }])
    const text = new TextDecoder('latin1').decode(small)
    const rows = text.indexOf('NAXIS2  =')
    const rowBytes = 400_004
    const count = 1_000_000
    const dataAt = 2 * 2880
    const end = dataAt + Math.ceil((rowBytes * count) / 2880) * 2880
    const file = await open(path, 'w')
    await file.write(small.subarray(0, dataAt), 0, dataAt, 0)
    await file.write(`NAXIS2  = ${String(count).padStart(20)}`, rows)
    await file.write(Uint8Array.of(0, 0, 0, 42), 0, 4, dataAt + (count - 2) * rowBytes)
    await file.write(small.subarray(-5760), 0, 5760, end)
    await file.close()
    const fits = await openFitsFile(path)
    expect(fits.warnings).toEqual([])
    const table = await fits.table('WIDE').read({ columns: ['ID0'], rows: [count - 3, count] })
    expect(table.column('ID0').values).toEqual(Int32Array.of(0, 42, 0))
    expect((await fits.image('LAST').read()).data).toEqual(ramp(4))
    await fits.close()
  } finally {
    await rm(folder, { recursive: true })
  }
})

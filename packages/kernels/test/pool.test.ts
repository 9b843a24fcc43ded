import { gemmF32, gemmF32F64, gemmF64, resampleRows, runningMedian, sumLeaves } from '@astrolabel/kernels'
import { createKernelPool } from '@astrolabel/kernels/node'
import type { KernelPool } from '@astrolabel/kernels/node'
import { expect, test } from 'vitest'
import { WorkerCrew } from '../src/worker-crew.node.ts'
import { randomArray } from './reference/random.mjs'

/** Whether two arrays hold the same bytes: exact, and quick on large ones. */
function sameBits(p: Float32Array | Float64Array, q: Float32Array | Float64Array): boolean {
  return Buffer.from(p.buffer).equals(Buffer.from(q.buffer))
}

async function withPool<T>(threads: number, use: (pool: KernelPool) => Promise<T>): Promise<T> {
  const pool = createKernelPool({ threads })
  try {
    return await use(pool)
  } finally {
    await pool.close()
  }
}

test.each([1, 2, 3])('with %i threads every kernel gives the bits of the plain function', async (threads) => {
  const [rows, nPix] = [70, 4001]
  const x = randomArray(Float32Array, rows * nPix, 1)
  const ivar = x.map((value) => Math.max(0, value))
  const wave = Float64Array.from({ length: nPix }, (_, i) => 4000 + 0.7 * i)
  const factors = Float64Array.from({ length: rows }, (_, i) => 1 + 1e-5 * (i - 30))
  const [m, n, k] = [1000, 23, 300]
  const a = randomArray(Float64Array, k * m, 2)
  const b = randomArray(Float64Array, k * n, 3)
  const c = randomArray(Float64Array, m * n, 4)
  const options = { transA: true, alpha: 0.5, beta: 2 }

  await withPool(threads, async (pool) => {
    expect(pool.threads).toBe(threads)
    const [median, wantedMedian] = [new Float32Array(x.length), new Float32Array(x.length)]
    const [flux, wantedFlux] = [new Float32Array(x.length), new Float32Array(x.length)]
    const [ivarOut, wantedIvar] = [new Float32Array(x.length), new Float32Array(x.length)]
    const [double, wantedDouble] = [c.slice(), c.slice()]
    const [mixed, wantedMixed] = [c.slice(), c.slice()]
    const [single, wantedSingle] = [Float32Array.from(c), Float32Array.from(c)]
    const [a32, b32] = [Float32Array.from(a), Float32Array.from(b)]
    await Promise.all([
      pool.runningMedian(rows, nPix, x, 51, median),
      pool.resampleRows(rows, wave, x, ivar, factors, wave, flux, ivarOut),
      pool.gemmF64(m, n, k, a, b, double, options),
      pool.gemmF32F64(m, n, k, a32, b, mixed, options),
      pool.gemmF32(m, n, k, a32, b32, single, options),
    ])
    runningMedian(rows, nPix, x, 51, wantedMedian)
    resampleRows(rows, wave, x, ivar, factors, wave, wantedFlux, wantedIvar)
    gemmF64(m, n, k, a, b, wantedDouble, options)
    gemmF32F64(m, n, k, a32, b, wantedMixed, options)
    gemmF32(m, n, k, a32, b32, wantedSingle, options)
    expect(sameBits(median, wantedMedian)).toBe(true)
    expect(sameBits(flux, wantedFlux)).toBe(true)
    expect(sameBits(ivarOut, wantedIvar)).toBe(true)
    expect(sameBits(double, wantedDouble)).toBe(true)
    expect(sameBits(mixed, wantedMixed)).toBe(true)
    expect(sameBits(single, wantedSingle)).toBe(true)
  })
})

test('arrays on shared memory are used where they lie', async () => {
  const x = new Float32Array(new SharedArrayBuffer(4000))
  x.set(randomArray(Float32Array, 1000, 5))
  const out = new Float32Array(new SharedArrayBuffer(4000))
  const wanted = new Float32Array(1000)
  runningMedian(10, 100, x, 9, wanted)
  await withPool(2, (pool) => pool.runningMedian(10, 100, x, 9, out))
  expect(Float32Array.from(out)).toEqual(wanted)
})

test.each([1, 2])('progress with %i threads ascends to all rows', async (threads) => {
  const x = new Float32Array(200 * 2000)
  const seen: number[] = []
  await withPool(threads, (pool) =>
    pool.runningMedian(200, 2000, x, 3, new Float32Array(x.length), {
      onProgress: (done, total) => {
        expect(total).toBe(200)
        seen.push(done)
      },
    }),
  )
  expect(seen.length).toBeGreaterThan(1)
  expect(seen.at(-1)).toBe(200)
  expect(seen).toEqual([...seen].sort((p, q) => p - q))
})

test.each([1, 2])('an abort with %i threads rejects with its reason, and the pool goes on', async (threads) => {
  const x = randomArray(Float32Array, 300 * 2000, 6)
  const out = new Float32Array(x.length)
  await withPool(threads, async (pool) => {
    const controller = new AbortController()
    const call = pool.runningMedian(300, 2000, x, 3, out, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(call).rejects.toThrow('enough')
    const already = pool.runningMedian(300, 2000, x, 3, out, { signal: AbortSignal.abort() })
    await expect(already).rejects.toMatchObject({ name: 'AbortError' })
    await pool.runningMedian(300, 2000, x, 1, out)
    expect(sameBits(out, x)).toBe(true)
  })
})

test.each([1, 2])('an error in a progress callback rejects the call with %i threads', async (threads) => {
  const x = new Float32Array(100)
  const failing = (pool: KernelPool) =>
    pool.runningMedian(10, 10, x, 3, x.slice(), {
      onProgress: () => {
        throw new Error('from the callback')
      },
    })
  await expect(withPool(threads, failing)).rejects.toThrow('from the callback')
})

test('calls on a closed pool, and calls cut off by closing, reject', async () => {
  const pool = createKernelPool({ threads: 2 })
  const x = new Float32Array(100 * 2000)
  const cut = pool.runningMedian(100, 2000, x, 51, x.slice())
  const [outcome] = await Promise.allSettled([cut, pool.close()])
  expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'KernelError', code: 'pool-closed' } })
  await expect(pool.runningMedian(1, 1, x.slice(0, 1), 1, x.slice(0, 1))).rejects.toMatchObject({ code: 'pool-closed' })
  await pool.close()
})

test('misuse is found before any worker starts', async () => {
  expect(() => createKernelPool({ threads: 0 })).toThrow(
    'createKernelPool: option threads: got 0, expected a whole number, 1 or more.',
  )
  const pool = createKernelPool({ threads: 2 })
  const four = new Float64Array(4)
  await expect(pool.gemmF64(3, 2, 2, four, four, four)).rejects.toMatchObject({ code: 'bad-length' })
  await expect(pool.runningMedian(1, 4, new Float32Array(4), 2, new Float32Array(4))).rejects.toMatchObject({
    code: 'bad-window',
  })
  await pool.close()
})

test.each([
  ['throws', 'throw new Error("out of paper")', 'out of paper'],
  ['exits', 'process.exit(3)', 'an exit with code 3'],
  [
    'answers with a failure',
    'require("node:worker_threads").parentPort.postMessage("RangeError: memory")',
    'RangeError',
  ],
])('a worker that %s rejects its call with KernelError', async (_, body, message) => {
  const script = `data:text/javascript,${encodeURIComponent(
    `import { createRequire } from 'node:module'; import { parentPort } from 'node:worker_threads'
    const require = createRequire(process.cwd() + '/x.js'); parentPort.once('message', () => { ${body} })`,
  )}`
  const crew = new WorkerCrew(2, new URL(script))
  const array = new Float32Array(new SharedArrayBuffer(16))
  const task = { kernel: 'runningMedian', args: { nPix: 1, x: array, window: 1, out: array } } as const
  const failed = crew.run(task, 4, 1, {})
  await expect(failed).rejects.toMatchObject({ name: 'KernelError', code: 'worker-failed' })
  await expect(failed).rejects.toThrow(message)
  await crew.close(undefined)
})

test('a forest says the same on two threads, also of more rows than are staged at once', async () => {
  // Two trees of one split each, and one that is a leaf.
  const forest = {
    width: 2,
    labels: 3,
    roots: Int32Array.of(0, 3, 6, 7),
    feature: Int32Array.of(0, -1, -1, 1, -1, -1, -1),
    threshold: Float32Array.of(0.5, 0, 0, 0.25, 0, 0, 0),
    left: Int32Array.of(1, 0, 0, 4, 0, 0, 0),
    value: randomArray(Float64Array, 21, 5),
  }
  const rows = 100_003
  const x = randomArray(Float32Array, 2 * rows, 6)
  const [one, two] = [new Float64Array(3 * rows).fill(1), new Float64Array(3 * rows).fill(1)]
  sumLeaves(forest, x, rows, one)
  await withPool(2, (pool) => pool.sumLeaves(forest, x, rows, two))
  expect(sameBits(one, two)).toBe(true)
  for (const row of [0, 1, 65_535, rows - 1])
    for (let l = 0; l < 3; l++) {
      const first = x[2 * row]! > 0.5 ? 2 : 1
      const second = x[2 * row + 1]! > 0.25 ? 5 : 4
      const wanted = 1 + [first, second, 6].reduce((sum, node) => sum + forest.value[3 * node + l]!, 0)
      expect(one[3 * row + l]).toBeCloseTo(wanted, 12)
    }
  const broken = { ...forest, left: Int32Array.of(0, 0, 0, 4, 0, 0, 0) }
  expect(() => sumLeaves(broken, x, rows, one)).toThrow(/node 0.*child 0.*damaged/)
})

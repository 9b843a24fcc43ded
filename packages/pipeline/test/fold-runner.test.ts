import { readFile, readdir } from 'node:fs/promises'
import { writeSpectraFile } from '@astrolabel/spectra/node'
import { expect, test } from 'vitest'
// A worker is started from the file beside it, so it has to be the built one.
import { FoldRunner } from '../dist/run/fold-runner.js'
import type { FoldTask } from '../src/run/fold-task.js'
import { makeStars, scratchFolder } from './stars.js'

const scratch = scratchFolder()
const spectra = scratch('spectra.arrow')
await writeSpectraFile(spectra, [makeStars({ n: 30 })])

function task(name: string, fold: number, options: Partial<FoldTask['request']> = {}): FoldTask {
  const rows = Array.from({ length: 30 }, (_, i) => i)
  return {
    request: { model: 'cannon', labels: ['teff', 'fe_h'], options: { order: 1 }, errorFolds: 3, seed: 1, ...options },
    train: rows.filter((row) => row % 3 !== fold),
    test: rows.filter((row) => row % 3 === fold),
    model: scratch(`${name}-model-${fold}.arrow`),
    labels: scratch(`${name}-labels-${fold}.arrow`),
  }
}

async function runAll(name: string, threads: number): Promise<Buffer[]> {
  const runner = new FoldRunner(spectra, threads)
  const progress: number[] = []
  try {
    await runner.all([0, 1, 2], (fold) =>
      runner.run(task(name, fold), { onProgress: (done, total) => progress.push(done / total) }),
    )
  } finally {
    await runner.close()
  }
  expect(progress.filter((part) => part === 1)).toHaveLength(3)
  return Promise.all(
    [0, 1, 2].flatMap((fold) => ['model', 'labels'].map((what) => readFile(scratch(`${name}-${what}-${fold}.arrow`)))),
  )
}

test('one thread and two give the same bytes', async () => {
  const one = await runAll('one', 1)
  const two = await runAll('two', 2)
  expect(one.map((bytes) => bytes.length > 1000)).toEqual(Array.from({ length: 6 }, () => true))
  for (const [i, bytes] of one.entries()) expect(bytes.equals(two[i]!)).toBe(true)
})

test.each([1, 2])('what a model finds wrong reaches the caller with its code: %i threads', async (threads) => {
  const runner = new FoldRunner(spectra, threads)
  await expect(runner.run(task('bad', 0, { options: { order: 9 } }), {})).rejects.toMatchObject({
    code: 'cannon/few-stars',
    message: expect.stringContaining('Too few training stars for a polynomial of order 9 in 2 labels') as string,
  })
  await expect(runner.run(task('bad', 0, { labels: ['zeta'] }), {})).rejects.toMatchObject({ code: 'labels/no-column' })
  await runner.close()
  expect((await readdir(scratch())).filter((name) => name.startsWith('bad'))).toEqual([])
})

test.each([1, 2])('a spectra file that is not there reaches the caller: %i threads', async (threads) => {
  const runner = new FoldRunner(scratch('nowhere.arrow'), threads)
  await expect(runner.run(task('nowhere', 0), {})).rejects.toThrow('ENOENT')
  await runner.close()
})

test('an abort ends what runs in a thread', async () => {
  const runner = new FoldRunner(spectra, 2)
  const controller = new AbortController()
  const running = runner.run(task('abort', 0, { errorFolds: 20 }), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  })
  await expect(running).rejects.toThrow('enough')
  await expect(runner.run(task('abort', 1), { signal: controller.signal })).rejects.toThrow('enough')
  await runner.close()
  expect((await readdir(scratch())).filter((name) => name.startsWith('abort'))).toEqual([])
})

test('no more than the threads run at once, and a failure waits for what has begun but begins no more', async () => {
  const runner = new FoldRunner(spectra, 3)
  const begun: number[] = []
  const ended: number[] = []
  let running = 0
  let most = 0
  await expect(
    runner.all([0, 1, 2, 3, 4, 5, 6, 7], async (item) => {
      begun.push(item)
      most = Math.max(most, ++running)
      await new Promise((done) => setTimeout(done, item === 1 ? 5 : 40))
      running--
      if (item === 1) throw new Error('fold 1 failed')
      ended.push(item)
    }),
  ).rejects.toThrow('fold 1 failed')
  expect(most).toBe(3)
  expect(begun).toEqual([0, 1, 2])
  expect(ended).toEqual([0, 2])
})

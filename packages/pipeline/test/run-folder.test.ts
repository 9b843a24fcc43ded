import { appendFile, mkdir, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import type { Reporter } from '@astrolabel/pipeline'
import { silent } from '@astrolabel/pipeline'
import { expect, test } from 'vitest'
import { digestFile, digestJson } from '../src/run/digest.js'
import type { Stage } from '../src/run/run-folder.js'
import { RunFolder } from '../src/run/run-folder.js'
import { writeAside } from '../src/run/write-aside.js'
import { scratchFolder } from './stars.js'

const scratch = scratchFolder()

/** Two stages in a row that count how often they ran: `double` writes the input twice, `add` appends its suffix. */
function twoStages(folder: RunFolder, input: string, ran: string[], suffix = '!'): [Stage, Stage] {
  const copy = (
    name: string,
    output: string,
    from: string,
    options: unknown,
    change: (text: string) => string,
  ): Stage => ({
    name,
    options,
    inputs: [from],
    outputs: [output],
    run: async ([out]) => {
      ran.push(name)
      await writeAside(out!, change(await readFile(from, 'utf8')))
      return { text: `${name} done`, summary: { from } }
    },
  })
  return [
    copy('double', '1-double/a.txt', input, {}, (text) => text + text),
    copy('add', '2-add/b.txt', folder.file('1-double', 'a.txt'), { suffix }, (text) => text + suffix),
  ]
}

async function run(path: string, input: string, suffix?: string): Promise<{ ran: string[]; told: string[] }> {
  const ran: string[] = []
  const told: string[] = []
  const reporter: Reporter = {
    ...silent,
    stage: () => ({ progress: () => undefined, finish: (text) => told.push(text) }),
  }
  const folder = await RunFolder.open(path, { name: 'r' })
  for (const stage of twoStages(folder, input, ran, suffix)) await folder.runStage(stage, reporter)
  return { ran, told }
}

async function fresh(name: string): Promise<{ path: string; input: string }> {
  const input = scratch(`${name}.txt`)
  await writeFile(input, 'x')
  return { path: scratch(name), input }
}

test('a second run does nothing and says so', async () => {
  const { path, input } = await fresh('twice')
  expect((await run(path, input)).ran).toEqual(['double', 'add'])
  const before = await readFile(`${path}/manifest.json`, 'utf8')
  expect(await run(path, input)).toEqual({ ran: [], told: ['double done (done before)', 'add done (done before)'] })
  expect(await readFile(`${path}/manifest.json`, 'utf8')).toBe(before)
  expect(await readFile(`${path}/2-add/b.txt`, 'utf8')).toBe('xx!')
})

test('the manifest says what was done, with which options, from what', async () => {
  const { path, input } = await fresh('manifest')
  await run(path, input, '?')
  const manifest = JSON.parse(await readFile(`${path}/manifest.json`, 'utf8')) as {
    stages: Record<
      string,
      {
        options: unknown
        inputs: { path: string; bytes: number; sha256: string }[]
        outputs: unknown[]
        summary: unknown
      }
    >
  }
  expect(manifest).toMatchObject({ recipe: { name: 'r' }, node: process.version })
  expect(manifest.stages['add']).toMatchObject({
    options: { suffix: '?' },
    outputs: [{ path: `${path}/2-add/b.txt`, bytes: 3 }],
    text: 'add done',
  })
  expect(manifest.stages['double']!.summary).toEqual({ from: input })
  // sha256 of 'x'
  expect(manifest.stages['double']!.inputs[0]!.sha256).toBe(
    '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
  )
})

test('a changed option reruns its stage alone', async () => {
  const { path, input } = await fresh('option')
  await run(path, input)
  expect((await run(path, input, '?')).ran).toEqual(['add'])
  expect(await readFile(`${path}/2-add/b.txt`, 'utf8')).toBe('xx?')
})

test('a changed input reruns what depends on it', async () => {
  const { path, input } = await fresh('input')
  await run(path, input)
  await writeFile(input, 'yy')
  expect((await run(path, input)).ran).toEqual(['double', 'add'])
  expect(await readFile(`${path}/2-add/b.txt`, 'utf8')).toBe('yyyy!')
})

test('an input that is touched but the same reruns nothing', async () => {
  const { path, input } = await fresh('touched')
  await run(path, input)
  await utimes(input, new Date(), new Date(Date.now() + 60_000))
  expect((await run(path, input)).ran).toEqual([])
})

test('a missing or altered output reruns its stage, and those after it only if it comes out different', async () => {
  const { path, input } = await fresh('output')
  await run(path, input)
  await rm(`${path}/1-double/a.txt`)
  expect((await run(path, input)).ran).toEqual(['double'])
  await appendFile(`${path}/2-add/b.txt`, 'tampered')
  expect((await run(path, input)).ran).toEqual(['add'])
  expect(await readFile(`${path}/2-add/b.txt`, 'utf8')).toBe('xx!')
})

test('a stage that fails leaves no entry and no file, and the next run goes on from there', async () => {
  const { path, input } = await fresh('crash')
  const folder = await RunFolder.open(path, {})
  const ran: string[] = []
  const [first, second] = twoStages(folder, input, ran)
  await folder.runStage(first, silent)
  const crash: Stage = {
    ...second,
    run: async ([out]) => {
      await writeFile(out!, 'half')
      await writeFile(`${out!}.4711.part`, 'aside')
      throw new Error('out of luck')
    },
  }
  await expect(folder.runStage(crash, silent)).rejects.toThrow('out of luck')
  expect(
    Object.keys((JSON.parse(await readFile(`${path}/manifest.json`, 'utf8')) as { stages: object }).stages),
  ).toEqual(['double'])
  expect(await readdir(`${path}/2-add`)).toEqual([])
  expect((await run(path, input)).ran).toEqual(['add'])
})

test('what a killed process left aside is cleared by the next run', async () => {
  const { path, input } = await fresh('killed')
  await mkdir(`${path}/1-double`, { recursive: true })
  await writeFile(`${path}/1-double/a.txt.99999.part`, 'half')
  await run(path, input)
  expect(await readdir(`${path}/1-double`)).toEqual(['a.txt'])
})

test('stages that end at the same moment are all in the manifest', async () => {
  const path = scratch('side-by-side')
  const folder = await RunFolder.open(path, {})
  const names = Array.from({ length: 24 }, (_, i) => `stage ${i}`)
  const stage = (name: string): Stage => ({
    name,
    options: {},
    inputs: [],
    outputs: [`${name}.txt`],
    run: async ([out]) => (await writeAside(out!, name), { text: '' }),
  })
  await Promise.all(names.map((name) => folder.runStage(stage(name), silent)))
  const { stages } = JSON.parse(await readFile(`${path}/manifest.json`, 'utf8')) as { stages: object }
  expect(Object.keys(stages).sort()).toEqual([...names].sort())
  expect((await readdir(path)).filter((name) => name.endsWith('.part'))).toEqual([])
})

test('an aborted run begins no further stage', async () => {
  const { path, input } = await fresh('aborted')
  const folder = await RunFolder.open(path, {})
  const ran: string[] = []
  const [first] = twoStages(folder, input, ran)
  await expect(folder.runStage(first, silent, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
  expect(ran).toEqual([])
})

test.each(['{"name": "my-app", "version": "1.0.0"}', 'not json', 'null', '{"stages": null}', '{"stages": "all"}'])(
  'a folder with the manifest %s of something else is refused',
  async (text) => {
    const path = scratch('foreign')
    await mkdir(path, { recursive: true })
    await writeFile(`${path}/manifest.json`, text)
    await expect(RunFolder.open(path, {})).rejects.toMatchObject({
      code: 'run/not-a-run',
      message: expect.stringContaining(
        'is not the manifest of a run. Choose another folder with --out or remove the file',
      ) as string,
    })
    expect(await readFile(`${path}/manifest.json`, 'utf8')).toBe(text)
  },
)

test('a file is written aside and takes its name when it is whole', async () => {
  const path = scratch('aside', 'deep', 'a.txt')
  await writeAside(path, 'whole')
  expect(await readdir(scratch('aside', 'deep'))).toEqual(['a.txt'])
  // A folder stands where the file should go: the rename fails, and nothing is left of it.
  await mkdir(scratch('aside', 'folder', 'in-the-way'), { recursive: true })
  await expect(writeAside(scratch('aside', 'folder'), 'x')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|EPERM/)
  expect(await readdir(scratch('aside'))).toEqual(['deep', 'folder'])
})

test('a digest is taken over while size and time are the same, and computed anew otherwise', async () => {
  const path = scratch('digest.txt')
  await writeFile(path, 'abc')
  const first = await digestFile(path)
  expect(first).toMatchObject({ bytes: 3, sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' })
  const marked = { ...first, sha256: 'taken over' }
  expect((await digestFile(path, marked)).sha256).toBe('taken over')
  expect((await digestFile(path, { ...marked, path: scratch('other.txt') })).sha256).toBe(first.sha256)
  await utimes(path, new Date(), new Date(Date.now() + 60_000))
  expect((await digestFile(path, marked)).sha256).toBe(first.sha256)
  await appendFile(path, 'd')
  expect((await digestFile(path, marked)).sha256).not.toBe(first.sha256)
  await expect(digestFile(scratch('nowhere'))).rejects.toThrow('ENOENT')
})

test('the digest of plain data does not depend on the order of keys, but on everything else', () => {
  expect(digestJson({ a: 1, b: [{ d: 2, c: 3 }] })).toBe(digestJson({ b: [{ c: 3, d: 2 }], a: 1 }))
  const others = [{ a: 1 }, { a: 2 }, { a: '1' }, { a: [1] }, { a: null }, { a: [1, 2] }, { a: [2, 1] }].map(digestJson)
  expect(new Set(others).size).toBe(others.length)
})

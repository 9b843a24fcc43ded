import type { RunOptions } from '@astrolabel/spectra'
import { AstrolabelError } from '@astrolabel/spectra'
import { mkdir, readFile, readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { Reporter, StageReporter } from '../reporter.js'
import { VERSION } from '../version.js'
import type { FileDigest } from './digest.js'
import { digestFile, digestFiles, digestJson } from './digest.js'
import { writeAside } from './write-aside.js'

/** One stage of a run. */
export interface Stage {
  /** Unique in the run; the folder part of its outputs by custom. */
  readonly name: string
  /** Everything besides its inputs that decides its result, as plain JSON. */
  readonly options: unknown
  /** Files that it reads. */
  readonly inputs: readonly string[]
  /** Files that it writes, relative to the run folder. */
  readonly outputs: readonly string[]
  /** Does the work; the paths are absolute and their folders exist. Returns a few words and what to keep of it. */
  run(
    outputs: readonly string[],
    progress: StageReporter['progress'],
    signal: AbortSignal | undefined,
  ): Promise<StageResult>
}

/** What a stage tells of itself. */
export interface StageResult {
  /** A few words for the person who watches. */
  readonly text: string
  /** Kept in the manifest. */
  readonly summary?: Readonly<Record<string, unknown>>
}

/** What the manifest keeps of a stage that is done. */
export interface StageRecord {
  /** Digest of options, inputs and version: the same key means nothing to do. */
  readonly key: string
  readonly options: unknown
  readonly inputs: readonly FileDigest[]
  readonly outputs: readonly FileDigest[]
  readonly seconds: number
  readonly finished: string
  readonly text: string
  readonly summary: Readonly<Record<string, unknown>>
}

/** `manifest.json` of a run folder. */
export interface Manifest {
  readonly astrolabel: string
  readonly node: string
  readonly platform: string
  readonly recipe: unknown
  readonly stages: Readonly<Record<string, StageRecord>>
}

/**
 * A folder that a run fills stage by stage.
 *
 * The manifest is written whenever a stage is done, and only then are its outputs trusted: a run that was cut off goes
 * on after the last whole stage, and a run whose options and inputs have not changed has nothing to do.
 */
export class RunFolder {
  readonly path: string
  #manifest: Manifest
  #written: Promise<void> = Promise.resolve()

  private constructor(path: string, manifest: Manifest) {
    this.path = path
    this.#manifest = manifest
  }

  /**
   * Open a run folder, making it when it is not there.
   *
   * @throws `run/not-a-run` when the folder's manifest.json is not one of a run.
   */
  static async open(path: string, recipe: unknown): Promise<RunFolder> {
    await mkdir(path, { recursive: true })
    const now = { astrolabel: VERSION, node: process.version, platform: `${process.platform} ${process.arch}`, recipe }
    let stages: Manifest['stages'] = {}
    const text = await readFile(join(path, 'manifest.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) {
      try {
        stages = (JSON.parse(text) as Manifest).stages
        if (typeof stages !== 'object' || stages === null) throw new TypeError('no stages')
      } catch (cause) {
        throw new AstrolabelError('run/not-a-run', `${join(path, 'manifest.json')} is not the manifest of a run`, {
          remedy: 'Choose another folder with --out or remove the file',
          cause,
        })
      }
    }
    return new RunFolder(path, { ...now, stages })
  }

  get manifest(): Manifest {
    return this.#manifest
  }

  /** A path in the folder. */
  file(...parts: readonly string[]): string {
    return join(this.path, ...parts)
  }

  /** Run a stage, or tell that it is done already. @returns Its record. */
  async runStage(stage: Stage, reporter: Reporter, options: RunOptions = {}): Promise<StageRecord> {
    options.signal?.throwIfAborted()
    const before = this.#manifest.stages[stage.name]
    const inputs = await digestFiles(stage.inputs, before?.inputs)
    const key = digestJson({
      version: VERSION,
      options: stage.options,
      inputs: inputs.map(({ sha256 }) => sha256),
      outputs: stage.outputs,
    })
    const progress = reporter.stage(stage.name)
    if (before !== undefined && before.key === key && (await this.#intact(before))) {
      progress.finish(`${before.text} (done before)`)
      return before
    }
    const outputs = stage.outputs.map((path) => this.file(path))
    // What an older run left would look done to a reader although its stage is not.
    for (const path of outputs) await clear(path)
    const start = performance.now()
    let result: StageResult
    try {
      result = await stage.run(outputs, progress.progress.bind(progress), options.signal)
    } catch (error) {
      for (const path of outputs) await clear(path)
      throw error
    }
    const record: StageRecord = {
      key,
      options: stage.options,
      inputs,
      outputs: await digestFiles(outputs),
      seconds: Math.round(performance.now() - start) / 1000,
      finished: new Date().toISOString(),
      text: result.text,
      summary: result.summary ?? {},
    }
    await this.#record(stage.name, record)
    progress.finish(result.text)
    return record
  }

  /** Stages side by side end when they like: their records are written one after another, each with all before it. */
  #record(name: string, record: StageRecord): Promise<void> {
    this.#manifest = { ...this.#manifest, stages: { ...this.#manifest.stages, [name]: record } }
    const write = (): Promise<void> =>
      writeAside(this.file('manifest.json'), `${JSON.stringify(this.#manifest, null, 2)}\n`)
    this.#written = this.#written.then(write, write)
    return this.#written
  }

  async #intact(record: StageRecord): Promise<boolean> {
    const found = await Promise.all(
      record.outputs.map((output) => digestFile(output.path, output).catch(() => undefined)),
    )
    return found.every((digest, i) => digest?.sha256 === record.outputs[i]!.sha256)
  }
}

/** Remove a file, and what a process that was killed left of it aside; its folder is there afterwards. */
async function clear(path: string): Promise<void> {
  const folder = dirname(path)
  await mkdir(folder, { recursive: true })
  const prefix = `${basename(path)}.`
  for (const name of await readdir(folder)) {
    if (name === basename(path) || (name.startsWith(prefix) && name.endsWith('.part')))
      await rm(join(folder, name), { force: true })
  }
}

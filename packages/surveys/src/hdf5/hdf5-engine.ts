import { AstrolabelError } from '@astrolabel/spectra'

/** The part of h5wasm's types that is used here. */
export interface HdfType {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly vlen: boolean
  readonly shape: readonly number[] | null
  readonly array_type?: HdfType
  readonly enum_type?: { readonly members: Readonly<Record<string, number>> }
  readonly compound_type?: { readonly members: readonly (HdfType & { readonly name: string })[] }
}

/** A dataset of h5wasm. */
export interface HdfDataset {
  readonly type: string
  readonly metadata: HdfType
  readonly attrs: Readonly<Record<string, { readonly value: unknown }>>
  slice(ranges: readonly (readonly number[])[]): unknown
  readonly value: unknown
}

/** A group of h5wasm, its root included. */
export interface HdfGroup {
  readonly type: string
  keys(): string[]
  get(name: string): HdfDataset | HdfGroup | null
}

/** An open HDF5 file; `close` frees it. */
export interface HdfFile {
  readonly root: HdfGroup
  close(): void
}

interface Engine {
  readonly ready: Promise<{ readonly FS?: MemoryFiles; readonly activate_throwing_error_handler?: () => unknown }>
  readonly File: new (path: string, mode: 'r') => HdfGroup & { close(): unknown }
}

interface MemoryFiles {
  writeFile(path: string, bytes: Uint8Array): void
  unlink(path: string): void
}

let opened = 0

/**
 * Open an HDF5 file that is in memory, in a browser as in Node.
 *
 * @throws `hdf5/not-installed`, `hdf5/unreadable`.
 */
export async function openHdf5(bytes: Uint8Array, source: string): Promise<HdfFile> {
  const engine = await loadEngine(async () => import('h5wasm'))
  const { FS } = await engine.ready
  const path = `astrolabel-${++opened}.h5`
  FS!.writeFile(path, bytes)
  try {
    const file = openWith(engine, path, source)
    return {
      root: file,
      close() {
        file.close()
        FS!.unlink(path)
      },
    }
  } catch (error) {
    FS!.unlink(path)
    throw error
  }
}

/** The engine, which is installed by who needs it. @throws `hdf5/not-installed`. */
export async function loadEngine(load: () => Promise<{ readonly default: unknown }>): Promise<Engine> {
  try {
    const engine = (await load()).default as Engine
    // Else the library prints what went wrong and goes on with nothing.
    ;(await engine.ready).activate_throwing_error_handler?.()
    return engine
  } catch (cause) {
    throw new AstrolabelError('hdf5/not-installed', 'HDF5 files are read by h5wasm, which is not installed', {
      got: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
      expected: 'the package h5wasm',
      remedy: 'Install it: npm install h5wasm',
      cause,
    })
  }
}

/** A file by the engine's path. @throws `hdf5/unreadable`. */
export function openWith(engine: Engine, path: string, source: string): HdfGroup & { close(): unknown } {
  try {
    const file = new engine.File(path, 'r')
    file.keys()
    return file
  } catch (cause) {
    throw new AstrolabelError('hdf5/unreadable', `${source} is not an HDF5 file that can be read`, {
      got: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
      remedy: 'Check that it was written to its end',
      cause,
    })
  }
}

import { fetchFiles } from '@astrolabel/pipeline'
import type { FetchOptions, FetchRequest, FetchSummary } from '@astrolabel/pipeline'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { BadServer } from './bad-server.js'

/** Waits that would be seconds outside tests. */
export const QUICK: FetchOptions = { backoff: 1, connectTimeout: 2000, stallTimeout: 2000, attempts: 4 }

/** A server and an output folder of its own for each test. */
export interface TestBed {
  server: BadServer
  folder: string
  /** All files of the output folder. */
  readonly files: () => string[]
  /** Fetch one file; what is there of it then is `bytesThere`. */
  readonly fetchOne: (
    url: string,
    options?: FetchOptions,
    more?: Partial<FetchRequest>,
  ) => Promise<FetchSummary & { bytesThere: Buffer | undefined }>
}

export function testBed(): TestBed {
  const bed: TestBed = {
    server: undefined as unknown as BadServer,
    folder: '',
    files: () =>
      readdirSync(bed.folder, { recursive: true })
        .map(String)
        .filter((name) => statSync(join(bed.folder, name)).isFile())
        .sort(),
    fetchOne: async (url, options = {}, more = {}) => {
      const target = more.target ?? 'a/star.fits'
      const summary = await fetchFiles([{ url, target, ...more }], bed.folder, { ...QUICK, ...options })
      const path = join(bed.folder, target)
      return { ...summary, bytesThere: existsSync(path) ? readFileSync(path) : undefined }
    },
  }
  beforeEach(async () => {
    bed.server = await BadServer.start()
    bed.folder = mkdtempSync(join(tmpdir(), 'astrolabel-fetch-'))
  })
  afterEach(async () => {
    await bed.server.stop()
    rmSync(bed.folder, { recursive: true, force: true })
  })
  return bed
}

/** A FITS-like file: the first words of one, whole blocks, and bytes that differ everywhere. */
export function fitsBytes(blocks = 40, seed = 1): Buffer {
  const bytes = Buffer.alloc(blocks * 2880)
  for (let i = 0, x = seed; i < bytes.length; i++) {
    x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff
    bytes[i] = x >> 16
  }
  bytes.write('SIMPLE  =                    T', 0, 'latin1')
  return bytes
}

export function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex')
}

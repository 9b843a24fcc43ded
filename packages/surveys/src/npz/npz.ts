import { bytesSource } from '@astrolabel/io-fits'
import type { ByteSource } from '@astrolabel/io-fits'
import { AstrolabelError } from '@astrolabel/spectra'
import { NPY_HEADER_BYTES, decodeNpy, decodeNpyValues, encodeNpy, npyHeader } from './npy.js'
import type { NpyArray, NpyHeader } from './npy.js'
import { readZipDirectory, readZipEntry, readZipHead, writeZip, zipDataOffset } from './zip.js'
import type { ZipEntry } from './zip.js'

/**
 * An open .npz archive. Arrays that numpy.savez stored are read by rows; of compressed ones the first rows asked for
 * inflate the whole, which is kept for those that follow.
 */
export interface NpzFile {
  /** The arrays there are, with their shapes and types. */
  readonly arrays: ReadonlyMap<string, NpyHeader>
  /** An array, or its rows `start` up to, not including, `end`. @throws `npz/no-array`, listing those there are. */
  read(name: string, rows?: readonly [start: number, end: number]): Promise<NpyArray>
}

/**
 * Open a .npz archive and read the headers of its arrays.
 *
 * @throws `npz/not-zip`, `npz/truncated`, `npz/corrupt`, `npz/unsupported`.
 */
export async function openNpz(source: ByteSource): Promise<NpzFile> {
  const entries = new Map<string, ZipEntry>()
  const arrays = new Map<string, NpyHeader>()
  const inflated = new Map<string, Promise<Uint8Array>>()
  for (const entry of await readZipDirectory(source)) {
    if (!entry.name.endsWith('.npy')) continue
    const name = entry.name.slice(0, -4)
    entries.set(name, entry)
    try {
      arrays.set(name, npyHeader(await readZipHead(source, entry, NPY_HEADER_BYTES)))
    } catch (error) {
      // An object array beside the spectra (a pickled dictionary, say) must not keep them from being read.
      if (!(error instanceof AstrolabelError && error.code === 'npz/unsupported')) throw error
      // But a damaged header may look like one too: the checksum tells.
      await readZipEntry(source, entry)
    }
  }
  const readWhole = (name: string, entry: ZipEntry, keep: boolean): Promise<Uint8Array> => {
    const whole = inflated.get(name) ?? readZipEntry(source, entry)
    if (keep && entry.compressed) inflated.set(name, whole)
    return whole
  }
  return {
    arrays,
    async read(name, rows) {
      const header = arrays.get(name)
      const entry = entries.get(name)
      if (entry === undefined)
        throw new AstrolabelError('npz/no-array', `There is no array ${name}`, { expected: [...arrays.keys()] })
      if (header === undefined || rows === undefined || header.shape.length === 0 || header.fortranOrder) {
        const array = decodeNpy(await readWhole(name, entry, rows !== undefined))
        return rows === undefined || array.shape.length === 0 ? array : sliceRows(array, rows)
      }
      const rowBytes = header.itemSize * header.shape.slice(1).reduce((product, length) => product * length, 1)
      const shape = [rows[1] - rows[0], ...header.shape.slice(1)]
      const start = header.dataOffset + rows[0] * rowBytes
      const length = shape[0]! * rowBytes
      const bytes = entry.compressed
        ? (await readWhole(name, entry, true)).subarray(start, start + length)
        : await source.read((await zipDataOffset(source, entry)) + start, length)
      return decodeNpyValues(bytes, header, shape)
    },
  }
}

/** All arrays of a .npz archive. @throws what {@link openNpz} throws. */
export async function readNpz(bytes: Uint8Array): Promise<Map<string, NpyArray>> {
  const file = await openNpz(bytesSource(bytes))
  const out = new Map<string, NpyArray>()
  for (const name of file.arrays.keys()) out.set(name, await file.read(name))
  return out
}

/** A .npz archive as numpy.savez writes it. @throws `npz/too-large` from 4 GB on. */
export function writeNpz(arrays: ReadonlyMap<string, NpyArray>): Uint8Array {
  return writeZip([...arrays].map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const))
}

function sliceRows(array: NpyArray, [start, end]: readonly [number, number]): NpyArray {
  const width = array.shape.slice(1).reduce((product, length) => product * length, 1)
  return {
    ...array,
    shape: [end - start, ...array.shape.slice(1)],
    data: array.data.slice(start * width, end * width) as NpyArray['data'],
  }
}

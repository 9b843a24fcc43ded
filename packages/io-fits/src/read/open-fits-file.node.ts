import { fileSource } from '../source/file-source.node.js'
import type { FitsFile } from './fits-file.js'
import type { OpenOptions } from './open-fits.js'
import { openFits } from './open-fits.js'

/** Opens a FITS file by its path, packed (gzip, bzip2, compress, zip) or not. The file stays open until `close()`. Fails as `openFits` and `fileSource`. */
export async function openFitsFile(path: string, options: OpenOptions = {}): Promise<FitsFile> {
  const source = await fileSource(path, options)
  try {
    return await openFits(source, options)
  } catch (error) {
    await source.close()
    throw error
  }
}

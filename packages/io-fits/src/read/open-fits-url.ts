import type { HttpOptions } from '../source/http-source.js'
import { httpSource } from '../source/http-source.js'
import type { UnpackOptions } from '../source/unpack-limit.js'
import type { FitsFile } from './fits-file.js'
import { openFits } from './open-fits.js'

/** Opens a FITS file on a web server; reads what is asked for by range requests. Fails as `httpSource` and `openFits`. */
export async function openFitsUrl(url: string | URL, options: HttpOptions & UnpackOptions = {}): Promise<FitsFile> {
  const source = await httpSource(url, options)
  try {
    return await openFits(source, options)
  } catch (error) {
    await source.close()
    throw error
  }
}

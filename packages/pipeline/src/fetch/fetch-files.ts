import { downloadFiles } from './download-files.js'
import type { FetchOptions, FetchRequest, FetchSummary } from './fetch-request.js'
import { FetchSession } from './fetch-session.js'

/**
 * Download files into a folder.
 *
 * Each host is asked for at most `parallel` files at a time and left alone when it says that it is busy. What fails is
 * tried again, ever later; what fails for good is told, and the others go on. A run that was stopped leaves parts that the
 * next one goes on from; files that are there and whole are not loaded again.
 *
 * @param folder Output folder, made when it is not there.
 * @param options.onProgress Counts files, those under way by the share of their bytes.
 * @returns Counts, and what failed or is not on the server.
 * @throws `fetch/unsafe-path` for a target outside the folder and `fetch/same-target` when two files want one name, before
 * anything is loaded; `fetch/disk-full`; what the file system says; the signal's reason.
 */
export async function fetchFiles(
  requests: readonly FetchRequest[],
  folder: string,
  options: FetchOptions = {},
): Promise<FetchSummary> {
  const session = new FetchSession(options)
  try {
    return await downloadFiles(requests, folder, options, session)
  } finally {
    session.close()
  }
}

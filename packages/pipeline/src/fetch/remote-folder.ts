import { archiveUrl } from '@astrolabel/surveys'
import type { DigestAlgorithm } from './fetch-request.js'
import type { FetchSession } from './fetch-session.js'

/** Digests by the name of the file. */
export interface DigestList {
  readonly algorithm: DigestAlgorithm
  readonly digests: ReadonlyMap<string, string>
}

/** Length in hexadecimal digits of each algorithm. */
const LENGTHS: Record<DigestAlgorithm, number> = { md5: 32, sha1: 40, sha256: 64 }

/** What servers say of their folders: the page that lists one, the digests that lie in it. Each is loaded once. */
export class RemoteFolders {
  readonly #session: FetchSession
  readonly #pages = new Map<string, Promise<readonly string[] | undefined>>()
  readonly #lists = new Map<string, Promise<DigestList | undefined>>()

  constructor(session: FetchSession) {
    this.#session = session
  }

  /**
   * Names in a folder, by the page with which web servers show one; undefined when there is no such page.
   *
   * @param url Ends in `/`.
   */
  names(url: string): Promise<readonly string[] | undefined> {
    return once(this.#pages, url, async () => {
      const page = await this.#session.text(url)
      return page === undefined ? undefined : linkedNames(page, url)
    })
  }

  /**
   * Digests of the files of a folder: the list where it is said to be, or else the one that the folder's page shows.
   *
   * @returns undefined when there is none.
   */
  digests(list: { readonly url: string; readonly algorithm: DigestAlgorithm }): Promise<DigestList | undefined> {
    return once(this.#lists, list.url, async () => {
      const text = await this.#session.text(list.url)
      if (text !== undefined) return parseDigests(text, list.algorithm)
      const folder = list.url.slice(0, list.url.lastIndexOf('/') + 1)
      for (const name of (await this.names(folder)) ?? []) {
        const algorithm = /\.(md5|sha1|sha256)(?:sum)?$/i.exec(name)?.[1]?.toLowerCase() as DigestAlgorithm | undefined
        if (algorithm === undefined) continue
        const found = await this.#session.text(archiveUrl(folder, name))
        if (found !== undefined) return parseDigests(found, algorithm)
      }
      return undefined
    })
  }
}

/** Lines of `sha1sum` and its kin, `DIGEST  NAME` or `DIGEST *NAME`; others are passed over. */
function parseDigests(text: string, algorithm: DigestAlgorithm): DigestList {
  const digests = new Map<string, string>()
  for (const line of text.split('\n')) {
    const parts = /^([0-9a-f]+)\s+\*?(\S.*?)\s*$/i.exec(line)
    if (parts?.[1]?.length === LENGTHS[algorithm]) digests.set(parts[2]!.split('/').at(-1)!, parts[1].toLowerCase())
  }
  return { algorithm, digests }
}

/** Names of the files of its own folder that a page links to. */
function linkedNames(page: string, url: string): string[] {
  const names = new Set<string>()
  for (const [, double, single] of page.matchAll(/\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)) {
    const link = (double ?? single ?? '').replaceAll('&amp;', '&')
    if (!URL.canParse(link, url)) continue
    const { href } = new URL(link, url)
    const rest = href.startsWith(url) ? href.slice(url.length) : ''
    if (rest === '' || /[/?#]/.test(rest)) continue
    try {
      names.add(decodeURIComponent(rest))
    } catch {
      // A name with a broken escape is none that can be asked for.
    }
  }
  return [...names]
}

function once<Value>(cache: Map<string, Promise<Value>>, key: string, load: () => Promise<Value>): Promise<Value> {
  let value = cache.get(key)
  if (value === undefined) {
    value = load()
    cache.set(key, value)
  }
  return value
}

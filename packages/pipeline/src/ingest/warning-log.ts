import { basename } from 'node:path'
import type { IngestWarning } from '@astrolabel/surveys'
import type { Reporter } from '../reporter.js'

/** How often a kind of warning came. */
export interface WarningKind {
  readonly code: string
  readonly count: number
  /** The first of them, or the sum of all where they add up. */
  readonly message: string
}

/** Warnings of a kind that are shown as they come. */
const SHOWN = 3

interface Kind {
  readonly code: string
  count: number
  readonly message: string
  /** `n of m` of all of them together, when each begins so. */
  readonly sum: { n: number; of: number; words: string; named: string } | undefined
}

/**
 * Warnings of thousands of files, by kind: the first of each are shown as they come, and in the end how many more there
 * were. Those that begin with `n of m` and go on with the same words are added up to one.
 */
export class WarningLog {
  readonly #reporter: Reporter
  readonly #kinds = new Map<string, Kind>()
  #count = 0

  constructor(reporter: Reporter) {
    this.#reporter = reporter
  }

  /** Warnings so far. */
  get count(): number {
    return this.#count
  }

  get kinds(): WarningKind[] {
    return Array.from(this.#kinds.values(), (kind) => ({
      code: kind.code,
      count: kind.count,
      message: messageOf(kind),
    }))
  }

  add({ code, message: said, source }: Pick<IngestWarning, 'code' | 'message'> & Partial<IngestWarning>): void {
    this.#count++
    const [, n, of, words] = /^(\d+) of (?:the )?(\d+) (.*)$/s.exec(said) ?? []
    // Among thousands of files it must be told which; files that were left out are told of by folder.
    const file = source === undefined || code === 'surveys/spectra-skipped' ? '' : basename(source)
    const named = file === '' || said.includes(file) ? '' : `${file}: `
    const message = `${named}${said}`
    const key = words === undefined ? code : `${code}\n${words}`
    const kind = this.#kinds.get(key)
    if (kind === undefined) {
      const sum = words === undefined ? undefined : { n: Number(n), of: Number(of), words, named }
      this.#kinds.set(key, { code, count: 1, message, sum })
    } else {
      kind.count++
      if (kind.sum !== undefined) {
        kind.sum.n += Number(n)
        kind.sum.of += Number(of)
      }
    }
    if (words === undefined && (kind?.count ?? 1) <= SHOWN) this.#reporter.warn(message)
  }

  /** Tell the sums, and how many warnings were not shown. */
  end(): void {
    for (const kind of this.#kinds.values()) {
      if (kind.sum !== undefined) this.#reporter.warn(messageOf(kind))
      else if (kind.count > SHOWN) this.#reporter.warn(`${kind.count - SHOWN} more warnings like these (${kind.code})`)
    }
  }
}

/** What one file alone gives is told with its name. */
function messageOf({ message, sum, count }: Kind): string {
  return sum === undefined ? message : `${count === 1 ? sum.named : ''}${sum.n} of ${sum.of} ${sum.words}`
}

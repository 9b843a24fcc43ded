import type { FoldScore, ParameterValues } from '@astrolabel/models-classical'
import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { writeAside } from '../run/write-aside.js'

/** One line of a ledger. */
interface Entry {
  readonly round: number
  readonly fold: number
  readonly parameters: ParameterValues
  /** null where a label is not known in the fold. */
  readonly errors: readonly (number | null)[]
  readonly seconds: number
}

/**
 * The fits of a search that are done, a line each, so that a search that was cut off goes on where it was.
 *
 * The first line tells by a digest what is searched; a ledger of another search begins anew.
 */
export class SearchLedger {
  readonly #path: string
  readonly #entries: readonly Entry[]

  private constructor(path: string, entries: readonly Entry[]) {
    this.#path = path
    this.#entries = entries
  }

  /** @param key Digest of all that decides the scores. */
  static async open(path: string, key: string): Promise<SearchLedger> {
    const text = await readFile(path, 'utf8').catch(() => '')
    const [first, ...lines] = text.split('\n').slice(0, -1).map(parseLine)
    const same = (first as { key?: string } | undefined)?.key === key
    const entries = same ? lines.filter((line) => line !== undefined).map((line) => line as Entry) : []
    // Written whole again: a line that a kill cut short would spoil the next.
    await writeAside(path, [{ key }, ...entries].map((line) => `${JSON.stringify(line)}\n`).join(''))
    return new SearchLedger(path, entries)
  }

  /** Fits that were done before. */
  get size(): number {
    return this.#entries.length
  }

  /** Scores of a round that were found before, by the places of these candidates. */
  known(round: number, candidates: readonly ParameterValues[]): FoldScore[] {
    const place = new Map(candidates.map((parameters, index) => [JSON.stringify(parameters), index]))
    return this.#entries.flatMap((entry) => {
      const candidate = place.get(JSON.stringify(entry.parameters))
      if (entry.round !== round || candidate === undefined) return []
      const errors = Float64Array.from(entry.errors, (error) => error ?? Number.NaN)
      return [{ candidate, fold: entry.fold, errors, seconds: entry.seconds }]
    })
  }

  /** Keep scores. Written at once: what is kept is what a kill cannot take. */
  add(round: number, candidates: readonly ParameterValues[], scores: readonly FoldScore[]): void {
    const lines = scores.map(({ candidate, fold, errors, seconds }) => {
      const entry: Entry = { round, fold, parameters: candidates[candidate]!, errors: Array.from(errors), seconds }
      return `${JSON.stringify(entry)}\n`
    })
    appendFileSync(this.#path, lines.join(''))
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch {
    return undefined
  }
}

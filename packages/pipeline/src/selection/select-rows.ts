import { compileSelection } from './compile-selection.js'
import type { Selection } from './parse-selection.js'
import type { SelectionRows } from './selection-rows.js'

/** What one clause of a selection did. */
export interface ClauseReport {
  readonly clause: string
  /** Rows that fail it, whatever the other clauses say; those without the value count. */
  readonly fails: number
  /** Rows that fail it and no clause before it: what it takes away in its turn. */
  readonly removes: number
}

/** The rows that a selection keeps, and what each clause did. */
export interface SelectedRows {
  readonly kept: Int32Array
  readonly report: readonly ClauseReport[]
}

/** Apply a selection to rows. @throws what {@link compileSelection} says. Cost: rows × clauses. */
export function selectRows(selection: Selection, rows: SelectionRows): SelectedRows {
  const clauses = compileSelection(selection, rows)
  const fails = new Int32Array(clauses.length)
  const removes = new Int32Array(clauses.length)
  const kept: number[] = []
  for (let row = 0; row < rows.n; row++) {
    let first = -1
    clauses.forEach(({ holds }, i) => {
      if (holds(row) === 1) return
      fails[i]!++
      if (first < 0) first = i
    })
    if (first < 0) kept.push(row)
    else removes[first]!++
  }
  return {
    kept: Int32Array.from(kept),
    report: clauses.map(({ text }, i) => ({ clause: text, fails: fails[i]!, removes: removes[i]! })),
  }
}

/** Reports of several batches of one selection, added up. */
export function addReports(a: readonly ClauseReport[], b: readonly ClauseReport[]): ClauseReport[] {
  if (a.length === 0) return [...b]
  return a.map(({ clause, fails, removes }, i) => ({
    clause,
    fails: fails + b[i]!.fails,
    removes: removes + b[i]!.removes,
  }))
}

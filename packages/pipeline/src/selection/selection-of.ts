import type { Expression, Selection } from './parse-selection.js'
import { parseSelection } from './parse-selection.js'

/** Columns and the range to keep of each, ends included; null for no limit. */
export type Ranges = Readonly<Record<string, readonly [number | null, number | null]>>

/** The selection that a recipe's `select` means: an expression, or ranges of columns, each a clause. */
export function selectionOf(select: string | Ranges): Selection {
  if (typeof select === 'string') return parseSelection(select)
  const clauses = Object.entries(select).map(([name, [low, high]]) => {
    const text = `${low === null ? '' : `${low} <= `}${name}${high === null ? '' : ` <= ${high}`}`
    return { text, expression: withinRange(name, low, high) }
  })
  return { text: clauses.map(({ text }) => text).join(' and '), clauses }
}

function withinRange(name: string, low: number | null, high: number | null): Expression {
  const column: Expression = { kind: 'column', name, at: 0 }
  const limit = (operator: '>=' | '<=', value: number): Expression => ({
    kind: 'binary',
    operator,
    left: column,
    right: { kind: 'number', value, at: 0 },
    at: 0,
  })
  const limits = [...(low === null ? [] : [limit('>=', low)]), ...(high === null ? [] : [limit('<=', high)])]
  const known: Expression = { kind: 'not', operand: { kind: 'missing', operand: column, at: 0 }, at: 0 }
  return limits.reduce((left, right) => ({ kind: 'binary', operator: 'and', left, right, at: 0 }), known)
}

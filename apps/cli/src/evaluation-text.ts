import type { evaluateFiles } from '@astrolabel/pipeline'
import { evaluationTable, textTable } from '@astrolabel/pipeline'

type Evaluation = Awaited<ReturnType<typeof evaluateFiles>>

/** The table of label errors as text, with the flags that stars have under it. */
export function evaluationText(evaluation: Evaluation): string {
  const { caption, columns, rows } = evaluationTable(evaluation)
  const table = textTable(
    columns.map((title, i) => ({ title, align: i < 1 ? 'left' : 'right' })),
    rows.map((row) => row.map(String)),
  )
  const flags = Object.entries(evaluation.flags).filter(([, count]) => count > 0)
  const flagLine = flags.length === 0 ? '' : `\nflags: ${flags.map(([name, count]) => `${name} ${count}`).join(', ')}`
  const unmatched = evaluation.unmatched > 0 ? `\n${evaluation.unmatched} labelled stars have no truth` : ''
  return `${caption}\n${table}${flagLine}${unmatched}`
}

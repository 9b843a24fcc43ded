/** A column of a text table. */
export interface TextColumn {
  readonly title: string
  /** `left` when absent. */
  readonly align?: 'left' | 'right'
}

const GAP = '  '
const ZERO_WIDTH = /[\p{Mn}\p{Me}\p{Cf}]/u
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns of a terminal that a text takes: accents that combine take none, East Asian characters two. */
function textWidth(text: string): number {
  let width = 0
  for (const char of text) width += ZERO_WIDTH.test(char) ? 0 : WIDE.test(char) ? 2 : 1
  return width
}

/**
 * An aligned table of plain text: titles, a rule, rows; two blanks between columns, none at the end of a line.
 *
 * @param rows Cells as text, row by row; missing cells are empty.
 */
export function textTable(columns: readonly TextColumn[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map((column, j) =>
    rows.reduce((widest, row) => Math.max(widest, textWidth(row[j] ?? '')), textWidth(column.title)),
  )
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, j) => {
        const cell = cells[j] ?? ''
        const blanks = ' '.repeat(widths[j]! - textWidth(cell))
        return column.align === 'right' ? blanks + cell : cell + blanks
      })
      .join(GAP)
      .trimEnd()
  return [
    line(columns.map((column) => column.title)),
    line(widths.map((width) => '─'.repeat(width))),
    ...rows.map(line),
  ].join('\n')
}

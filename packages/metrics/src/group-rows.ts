/** Rows of each distinct group, groups in the order of their first row. */
export function groupRows(groups: readonly string[]): number[][] {
  const rows = new Map<string, number[]>()
  groups.forEach((group, i) => {
    const known = rows.get(group)
    if (known === undefined) rows.set(group, [i])
    else known.push(i)
  })
  return [...rows.values()]
}

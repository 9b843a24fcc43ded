/**
 * Which of the chosen rows belong to one star, as positions in `rows`; each row alone without groups.
 *
 * @param groups (n) star of each row of the data.
 */
export function groupsOfRows(groups: Int32Array | undefined, rows: Int32Array): readonly Int32Array[] {
  if (groups === undefined) return Array.from(rows, (_, i) => Int32Array.of(i))
  const members = new Map<number, number[]>()
  rows.forEach((row, i) => {
    const group = members.get(groups[row]!)
    if (group === undefined) members.set(groups[row]!, [i])
    else group.push(i)
  })
  return [...members.values()].map((group) => Int32Array.from(group))
}

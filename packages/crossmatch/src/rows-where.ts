/** Rows 0 to n - 1 that are chosen, increasing. */
export function rowsWhere(n: number, chosen: (i: number) => boolean): Int32Array {
  const rows = new Int32Array(n)
  let count = 0
  for (let i = 0; i < n; i++) if (chosen(i)) rows[count++] = i
  return rows.slice(0, count)
}

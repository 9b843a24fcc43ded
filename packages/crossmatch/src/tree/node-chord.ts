/** Squared distance of a point from the nearest point of a node's box; 0 inside it. `at` is where the node's bounds begin. */
export function nearestOfBox(boxes: Float64Array, at: number, x: number, y: number, z: number): number {
  const x0 = boxes[at]! - x
  const y0 = boxes[at + 1]! - y
  const z0 = boxes[at + 2]! - z
  const x1 = x - boxes[at + 3]!
  const y1 = y - boxes[at + 4]!
  const z1 = z - boxes[at + 5]!
  const dx = x0 > 0 ? x0 : x1 > 0 ? x1 : 0
  const dy = y0 > 0 ? y0 : y1 > 0 ? y1 : 0
  const dz = z0 > 0 ? z0 : z1 > 0 ? z1 : 0
  return dx * dx + dy * dy + dz * dz
}

/** Squared distance of a point from the farthest corner of a node's box. */
export function farthestOfBox(boxes: Float64Array, at: number, x: number, y: number, z: number): number {
  const dx = Math.max(x - boxes[at]!, boxes[at + 3]! - x)
  const dy = Math.max(y - boxes[at + 1]!, boxes[at + 4]! - y)
  const dz = Math.max(z - boxes[at + 2]!, boxes[at + 5]! - z)
  return dx * dx + dy * dy + dz * dz
}

import { choleskySolvePacked, gemmF64, syrkF32 } from '@astrolabel/kernels'

export function run(): unknown {
  const product = new Float64Array(4)
  gemmF64(2, 2, 3, new Float64Array([1, 2, 3, 4, 5, 6]), new Float64Array([7, 8, 9, 10, 11, 12]), product)
  const square = new Float32Array(4)
  syrkF32(2, 2, new Float32Array([1, 2, 3, 4]), square)
  const solution = new Float64Array(2)
  const status = choleskySolvePacked(1, 2, new Float64Array([4, 2, 3]), new Float64Array([8, 8]), solution)
  return { product: [...product], square: [...square], solution: [...solution], status: [...status] }
}

export const expected = { product: [58, 64, 139, 154], square: [10, 14, 14, 20], solution: [1, 2], status: [0] }

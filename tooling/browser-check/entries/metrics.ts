import { labelStatistics } from '@astrolabel/metrics'

export function run(): unknown {
  const { n, missing, bias, rmse, mae, std } = labelStatistics(
    new Float64Array([5010, 5020, 4990, 5000, NaN]),
    new Float64Array([5000, 5000, 5000, 4980, 5000]),
  )
  return { n, missing, bias, rmse, mae, std }
}

export const expected = { n: 4, missing: 1, bias: 10, rmse: 15.8113883, mae: 15, std: 12.2474487 }

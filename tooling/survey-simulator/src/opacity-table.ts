import { continuousOpacity } from './continuous-opacity.js'
import type { Photosphere } from './photosphere.js'
import { MODEL_RANGE } from './rest-grid.js'

/**
 * Continuous opacity of a layer between the nodes of a table 25 Å apart: it is needed at thousands of wavelengths and
 * varies slowly, but for the Balmer jump, which crowded Balmer lines soften in real stars too.
 *
 * @returns a function of vacuum Å within 60 Å of the model's range, cm² per hydrogen nucleus.
 */
export function opacityTable(layer: Photosphere): (wave: number) => number {
  const step = 25
  const start = MODEL_RANGE[0] - 60
  const values = Float64Array.from({ length: Math.ceil((MODEL_RANGE[1] + 60 - start) / step) + 1 }, (_, i) =>
    continuousOpacity(start + step * i, layer.temperature, layer.electronPressure, layer.neutralHydrogen),
  )
  return (wave) => {
    const x = (wave - start) / step
    const i = Math.floor(x)
    return values[i]! + (x - i) * (values[i + 1]! - values[i]!)
  }
}

import { spectrumPlot } from '@astrolabel/figures'

/** The browser parses the picture: it must be well-formed SVG that shows the title. */
export function run(): unknown {
  const wave = Float64Array.from({ length: 100 }, (_, i) => 5000 + i)
  const svg = spectrumPlot({ wave, flux: wave.map((value) => Math.cos(value)) }, { title: 'A < B' })
  return {
    start: svg.slice(0, 4),
    end: svg.trimEnd().slice(-6),
    title: svg.includes('A &lt; B'),
    path: svg.includes('<path'),
  }
}

export const expected = { start: '<svg', end: '</svg>', title: true, path: true }

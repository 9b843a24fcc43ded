/** Where a package lives: floors 1 to 3 run in a browser too, the pipeline, the apps and the tooling need Node. */
export type Floor = 1 | 2 | 3 | 4 | 'app' | 'tooling'

export interface GraphNode {
  /** Folder from the root of the workspace. */
  readonly folder: string
  readonly floor: Floor
  /** What it is for, as docs/architecture.md says it. */
  readonly owns: string
  /** Names of the workspace's packages that its sources may import. */
  readonly mayImport: readonly string[]
}

/** The allowed graph. This is the one place that states it; docs/architecture.md shows the table made from it. */
export const graph: Readonly<Record<string, GraphNode>> = {
  '@astrolabel/spectra': {
    folder: 'packages/spectra',
    floor: 1,
    owns: 'the shared vocabulary: wavelength grids, spectra, labels, Arrow, flags, errors, random streams, progress',
    mayImport: [],
  },
  '@astrolabel/kernels': {
    folder: 'packages/kernels',
    floor: 1,
    owns: 'SIMD WebAssembly kernels and the worker pool',
    mayImport: [],
  },
  '@astrolabel/io-fits': {
    folder: 'packages/io-fits',
    floor: 1,
    owns: 'the FITS format, reading and writing, nothing else',
    mayImport: [],
  },
  '@astrolabel/crossmatch': {
    folder: 'packages/crossmatch',
    floor: 1,
    owns: 'matching on the sky',
    mayImport: [],
  },
  '@astrolabel/surveys': {
    folder: 'packages/surveys',
    floor: 2,
    owns: 'readers that turn survey files into spectra and catalogues',
    mayImport: ['@astrolabel/io-fits', '@astrolabel/spectra'],
  },
  '@astrolabel/preprocess': {
    folder: 'packages/preprocess',
    floor: 2,
    owns: 'masks, stitching, velocities, resampling, continuum, broadening, augmentation, chains of them',
    mayImport: ['@astrolabel/spectra', '@astrolabel/kernels'],
  },
  '@astrolabel/metrics': {
    folder: 'packages/metrics',
    floor: 2,
    owns: 'residuals, calibration, comparison, homogenisation, audits, embedding, novelty, splits',
    mayImport: ['@astrolabel/spectra'],
  },
  '@astrolabel/inference': {
    folder: 'packages/inference',
    floor: 2,
    owns: 'least squares with bounds and covariances',
    mayImport: ['@astrolabel/kernels'],
  },
  '@astrolabel/cannon': {
    folder: 'packages/cannon',
    floor: 3,
    owns: 'polynomial label models',
    mayImport: ['@astrolabel/spectra', '@astrolabel/kernels', '@astrolabel/inference'],
  },
  '@astrolabel/models-classical': {
    folder: 'packages/models-classical',
    floor: 3,
    owns: 'scaling, principal components, forests, boosting, ridge, Gaussian processes, pipelines and searches',
    mayImport: ['@astrolabel/spectra', '@astrolabel/kernels'],
  },
  '@astrolabel/figures': {
    folder: 'packages/figures',
    floor: 3,
    owns: 'plots as SVG and the HTML report',
    mayImport: ['@astrolabel/spectra', '@astrolabel/metrics'],
  },
  '@astrolabel/pipeline': {
    folder: 'packages/pipeline',
    floor: 4,
    owns: 'recipes, stages, run folders that resume',
    mayImport: [
      '@astrolabel/spectra',
      '@astrolabel/kernels',
      '@astrolabel/io-fits',
      '@astrolabel/crossmatch',
      '@astrolabel/surveys',
      '@astrolabel/preprocess',
      '@astrolabel/metrics',
      '@astrolabel/inference',
      '@astrolabel/cannon',
      '@astrolabel/models-classical',
      '@astrolabel/figures',
    ],
  },
  astrolabel: {
    folder: 'apps/cli',
    floor: 'app',
    owns: 'the command line; no science',
    mayImport: ['@astrolabel/pipeline', '@astrolabel/survey-simulator'],
  },
  '@astrolabel/survey-simulator': {
    folder: 'tooling/survey-simulator',
    floor: 'tooling',
    owns: 'writes small, genuine survey files from a physical line model',
    mayImport: ['@astrolabel/io-fits', '@astrolabel/spectra'],
  },
  '@astrolabel/architecture': {
    folder: 'tooling/architecture',
    floor: 'tooling',
    owns: 'the tests of this page and of the examples in the READMEs',
    mayImport: [],
  },
  '@astrolabel/browser-check': {
    folder: 'tooling/browser-check',
    floor: 'tooling',
    owns: 'runs every package of floors 1 to 3 in a headless browser',
    mayImport: [
      '@astrolabel/spectra',
      '@astrolabel/kernels',
      '@astrolabel/io-fits',
      '@astrolabel/crossmatch',
      '@astrolabel/surveys',
      '@astrolabel/preprocess',
      '@astrolabel/metrics',
      '@astrolabel/inference',
      '@astrolabel/cannon',
      '@astrolabel/models-classical',
      '@astrolabel/figures',
    ],
  },
}

/** True for the packages that must run in a browser as well as in Node. */
export function runsInBrowser(node: GraphNode): boolean {
  return node.floor === 1 || node.floor === 2 || node.floor === 3
}

/** A path of the graph that comes back to where it began, or undefined: `edges` maps each package to what it imports. */
export function findCycle(edges: Readonly<Record<string, readonly string[]>>): string[] | undefined {
  const finished = new Set<string>()
  const visit = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    if (finished.has(name)) return undefined
    for (const next of edges[name] ?? []) {
      const cycle = visit(next, [...path, name])
      if (cycle) return cycle
    }
    finished.add(name)
    return undefined
  }
  for (const name of Object.keys(edges)) {
    const cycle = visit(name, [])
    if (cycle) return cycle
  }
  return undefined
}

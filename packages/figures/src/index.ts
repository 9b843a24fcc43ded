export { predictedVersusTruth } from './predicted-versus-truth.js'
export type { ComparisonOptions, ComparisonPanel } from './predicted-versus-truth.js'
export type { FigureOptions } from './figure.js'

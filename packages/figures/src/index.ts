// Labels against the truth
export { predictedVersusTruth } from './predicted-versus-truth.js'
export type { ComparisonOptions, ComparisonPanel } from './predicted-versus-truth.js'
export { residualsVersus } from './residuals-versus.js'
export type { ResidualPanel, ResidualVariable } from './residuals-versus.js'
export { trendGrid } from './trend-grid.js'
export type { TrendColumn } from './trend-grid.js'
export { modelComparison } from './model-comparison.js'

// Are the errors right?
export { pullHistogram } from './pull-histogram.js'
export type { PullPanel } from './pull-histogram.js'
export { pitHistograms } from './pit-histogram.js'
export type { PitPanel } from './pit-histogram.js'
export { coveragePlot } from './coverage-plot.js'

// Stars
export { kielDiagram } from './kiel-diagram.js'
export type { KielData, KielOptions } from './kiel-diagram.js'
export { skyMap } from './sky-map.js'
export type { SkyData, SkyOptions } from './sky-map.js'
export { embeddingMap } from './embedding-map.js'
export type { EmbeddingData, EmbeddingOptions } from './embedding-map.js'

// Spectra and models
export { spectrumPlot } from './spectrum-plot.js'
export type { SpectrumData, SpectrumOptions } from './spectrum-plot.js'
export { coefficientSpectrum } from './coefficient-spectrum.js'
export type { CoefficientOptions, CoefficientTerm } from './coefficient-spectrum.js'
export { searchPlot } from './search-plot.js'
export type { SearchedParameter } from './search-plot.js'
export { heatMap } from './heat-map.js'
export type { HeatMapData, HeatMapOptions } from './heat-map.js'

// Pages
export { stackFigures } from './stack-figures.js'
export { renderReport } from './report.js'
export type { Cell, Report, ReportFigure, ReportSection, ReportTable } from './report.js'
export { palette, sequenceColor } from './palette.js'
export type { FigureOptions } from './figure.js'
export type { Domain } from './domain.js'

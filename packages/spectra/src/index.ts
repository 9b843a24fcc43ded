export { AstrolabelError, inFile, isTypedError } from './errors.js'
export type { ErrorDetails } from './errors.js'
export { throwIfAborted } from './progress.js'
export type { RunOptions } from './progress.js'
export { describeGrid, detectGrid, gridLength, sameGrid, sliceGrid, wavelengths } from './wavelength-grid.js'
export type { ExplicitGrid, LinearGrid, Log10Grid, Medium, SegmentedGrid, WavelengthGrid } from './wavelength-grid.js'
export { airToVacuum, refractivity, vacuumToAir } from './air-vacuum.js'
export type { RefractionFormula } from './air-vacuum.js'
export { columnNumbers, columnStrings, concatTables, findColumn, makeTable, requireColumn, takeRows } from './table.js'
export type { Column, ColumnValues, Table } from './table.js'
export { FlagSet } from './flag-set.js'
export type { FlagBit } from './flag-set.js'
export { RandomStream } from './random-stream.js'
export { findLabel, labelInfo } from './vocabulary.js'
export type { LabelInfo } from './vocabulary.js'
export {
  MAX_BATCH_ROWS,
  SPECTRA_FORMAT_VERSION,
  concatSpectra,
  makeSpectra,
  pixelCount,
  pixelWavelengths,
  sameWavelengths,
  signalToNoise,
  sliceSpectra,
  spectraParts,
  takeSpectra,
  withHistory,
} from './spectra.js'
export type { Frame, HistoryEntry, PartStamp, Segment, Spectra, SpectraInput, SpectraMeta } from './spectra.js'
export { checkSplit, requireTraining, splitId, starGroups, takePart } from './parts.js'
export type { Fittable, RowSplit, TestPart, TrainingPart } from './parts.js'
export { concatLabels, labelIndex, makeLabels, takeLabels } from './labels.js'
export type { Labels, LabelsInput } from './labels.js'
export type {
  CheckedErrors,
  Continuum,
  ForwardModel,
  LabelModel,
  LabelModelFactory,
  ModelSource,
  SurveyReader,
} from './contracts.js'
export { LABEL_TRANSFORMS, transformLabel, transformSlope, untransformLabel } from './label-transform.js'
export type { LabelTransform } from './label-transform.js'
export { crc32 } from './crc32.js'
export { medianInPlace } from './median.js'
export { decodeModelFile, encodeModelFile, modelArray, modelArrayOf, modelKind } from './model-file.js'
export type { ModelArray, ModelFile, ModelValueTypes, ModelValues } from './model-file.js'
export { IpcEncoder, decodeIpc, encodeIpc } from './arrow/ipc.js'
export { isSpectraSchema, spectraFromRecordBatch, spectraMetaOf, spectraToRecordBatch } from './arrow/spectra-arrow.js'
export { isLabelsSchema, labelsFromRecordBatch, labelsToRecordBatch } from './arrow/labels-arrow.js'
export { tableFromRecordBatch, tableToRecordBatch } from './arrow/table-arrow.js'

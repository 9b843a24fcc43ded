export {
  IpcFileWriter,
  countIpcBatches,
  readIpcFile,
  readIpcSchema,
  readLabelsFile,
  readSpectraFile,
  writeLabelsFile,
  writeSpectraFile,
} from './arrow/ipc-file.node.js'

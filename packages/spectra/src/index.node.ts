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
export { recoverIpcBatches } from './arrow/recover-ipc.node.js'

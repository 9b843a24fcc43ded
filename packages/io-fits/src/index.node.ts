export { openFitsFile } from './read/open-fits-file.node.js'
export { fileSource } from './source/file-source.node.js'
export { writeFitsFile } from './write/write-fits-file.node.js'

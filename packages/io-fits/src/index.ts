export type { ChecksumState, HduChecksums } from './checksum/verify-hdu.js'
export type { ColumnDtype, FitsArray, NumberDtype } from './dtype.js'
export type { FitsErrorCode, FitsErrorFields } from './fits-error.js'
export { FitsError } from './fits-error.js'
export type { Card, HeaderValue } from './header/card.js'
export type { CardInput, HeaderInput } from './header/header-input.js'
export { Header } from './header/header.js'
export type { SpectralAxis, SpectralAxisOptions } from './header/spectral-axis.js'
export { axisWavelengths, spectralAxis } from './header/spectral-axis.js'
export { FitsFile } from './read/fits-file.js'
export { FitsTable } from './read/fits-table.js'
export type {
  CompressionAlgorithm,
  FitsColumn,
  FitsColumnInfo,
  FitsImage,
  FitsVariableColumn,
  Hdu,
  HduBase,
  ImageCompression,
  ImageHdu,
  ImageReadOptions,
  OtherHdu,
  ReadControl,
  TableCompression,
  TableCompressionAlgorithm,
  TableHdu,
  TableReadOptions,
  VariableInfo,
} from './read/hdu.js'
export { isTableHdu } from './read/hdu.js'
export type { OpenOptions } from './read/open-fits.js'
export { openFits } from './read/open-fits.js'
export { openFitsUrl } from './read/open-fits-url.js'
export type { ByteSource } from './source/byte-source.js'
export { blobSource, bytesSource } from './source/byte-source.js'
export type { HttpOptions } from './source/http-source.js'
export { httpSource } from './source/http-source.js'
export type { ByteStream } from './source/stream-source.js'
export { streamSource } from './source/stream-source.js'
export type { UnpackOptions } from './source/unpack-limit.js'
export type { CellValues } from './update/column-cells.js'
export type { HeaderChanges } from './update/edit-header.js'
export type { EncodeOptions } from './write/encode-fits.js'
export { encodeFits, encodeFitsChunks } from './write/encode-fits.js'
export type {
  AsciiTableInput,
  ColumnInput,
  HduInput,
  ImageCompressionInput,
  ImageInput,
  NumberInput,
  TableCompressionInput,
  TableInput,
  TextColumnInput,
} from './write/hdu-input.js'
export type { TableStreamInput } from './write/table-stream.js'

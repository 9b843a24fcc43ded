export { CONTENT_BYTES, contentFormat } from './content-format.js'
export type { ContentFormat } from './content-format.js'
export type { FileSource, IngestWarning, ReadOptions } from './ingest.js'
export {
  APOGEE_ASPCAPFLAG,
  APOGEE_EXTRATARG,
  APOGEE_PARAMFLAG,
  APOGEE_PIXMASK,
  APOGEE_STARFLAG,
} from './masks/apogee.js'
export { DESI_FIBERMASK, DESI_RVS_WARN, DESI_SPECMASK } from './masks/desi.js'
export { LAMOST_PIXMASK } from './masks/lamost.js'
export { SDSS_SPPIXMASK, SDSS_ZWARNING } from './masks/sdss.js'
export { FLAG_COLUMNS, flagSetOf } from './masks/flag-set-of.js'
export { decodeNpy, encodeNpy } from './npz/npy.js'
export type { NpyArray, NpyData, NpyHeader } from './npz/npy.js'
export { openNpz, readNpz, writeNpz } from './npz/npz.js'
export type { NpzFile } from './npz/npz.js'
export { missingToNull } from './catalog/missing-values.js'
export type { MissingOptions } from './catalog/missing-values.js'
export { canonicalColumns, canonicalName } from './catalog/canonical-names.js'
export { tableFromCsv, tableToCsv } from './catalog/csv.js'
export { lamostRenames } from './catalog/lamost-names.js'
export { isEcsv } from './catalog/ecsv-header.js'
export { tableFromEcsv } from './catalog/ecsv.js'
export { tableFromVotable } from './catalog/votable.js'
export { isDesiCatalog, readDesiCatalog } from './catalog/desi-redshifts.js'
export type { DesiCatalogOptions } from './catalog/desi-redshifts.js'
export { readTableFile } from './catalog/table-file.js'
export type { TableEngines, TableFileOptions } from './catalog/table-file.js'
export { PARQUET_UNITS_KEY, parquetMetadata, parquetUnits, readParquet } from './catalog/parquet.js'
export type { ParquetReadOptions, ParquetSource } from './catalog/parquet.js'
export { kindOfSchema, parquetKindOf } from './catalog/parquet-kinds.js'
export type { ParquetKind } from './catalog/parquet-kinds.js'
export { readFitsTable } from './catalog/fits-catalog.js'
export type { FitsTableOptions } from './catalog/fits-catalog.js'
export { isApogeeCatalog, readApogeeCatalog } from './catalog/apogee-allstar.js'
export type { ApogeeCatalogOptions } from './catalog/apogee-allstar.js'
export { isMilesNames, isMilesParams, parseMilesNames, parseMilesParams } from './catalog/miles-labels.js'
export { findSsppTable, readSsppCatalog } from './catalog/sspp.js'
export type { SsppCatalogOptions } from './catalog/sspp.js'
export { ID_ARRAYS, ID_COLUMNS, KEY_PARTS, SURVEY_KEYS, indexKey, sharedKeys } from './catalog/identifiers.js'
export type { SharedKey, StarKey } from './catalog/identifiers.js'
export { catalogLookup, chooseJoin, indexCatalog, joinCatalog, selectColumns } from './catalog/join-catalog.js'
export type { CatalogIndex, CatalogJoin, CatalogLookup } from './catalog/join-catalog.js'
export { spectraFromMatrix } from './spectra/npz/matrix-spectra.js'
export type { MatrixSpectra, MatrixSpectraOptions, Numbers } from './spectra/npz/matrix-spectra.js'
export { spectraFromNpz } from './spectra/npz/npz-spectra.js'
export { npzReader } from './spectra/npz/npz-reader.js'
export type { NpzReadOptions } from './spectra/npz/npz-reader.js'
export { milesReader } from './spectra/miles/miles-reader.js'
export type { MilesReadOptions } from './spectra/miles/miles-reader.js'
export { desiReader } from './spectra/desi/desi-reader.js'
export type { DesiReadOptions } from './spectra/desi/desi-reader.js'
export { lamostReader } from './spectra/lamost/lamost-reader.js'
export type { LamostReadOptions } from './spectra/lamost/lamost-file.js'
export { raggedGrid } from './grids/ragged-grid.js'
export type { RaggedGrid } from './grids/ragged-grid.js'
export { nodeLabelsOf } from './grids/node-labels.js'
export type { NodeLabels, NodeSelection } from './grids/node-labels.js'
export type { WaveWindow } from './grids/wave-window.js'
export { phoenixReader } from './spectra/models/phoenix-reader.js'
export type { ModelReadOptions, PhoenixReadOptions } from './spectra/models/phoenix-reader.js'
export { btsettlReader } from './spectra/models/btsettl-reader.js'
export type { BtSettlReadOptions } from './spectra/models/btsettl-reader.js'
export { apogeeReader } from './spectra/apogee/apogee-reader.js'
export type { ApogeeReadOptions } from './spectra/apogee/apogee-file.js'
export { fitTemplate, templateOf, widenTemplate } from './spectra/fit-template.js'
export type { FileExtent, SpectraTemplate } from './spectra/fit-template.js'
export type { ApogeeChips } from './spectra/apogee/apogee-chips.js'
export { sdssReader } from './spectra/sdss/sdss-reader.js'
export type { SdssReadOptions } from './spectra/sdss/sdss-spec-file.js'
export { tableReader } from './spectra/table/table-reader.js'
export type { TableReadOptions } from './spectra/table/table-reader.js'
export { archiveUrl } from './archive/archive-file.js'
export type { ArchiveFile, ArchiveFolder, ChecksumList } from './archive/archive-file.js'
export { SDSS_BASE } from './archive/sas.js'
export {
  APOGEE_KINDS,
  APOGEE_PRODUCTS,
  APOGEE_RELEASES,
  apogeeFieldFolder,
  apogeeProductFile,
  apogeeStarFile,
  apogeeVisitFile,
} from './archive/apogee-archive.js'
export type { ApogeeKind, ApogeeProduct, ApogeeRelease, ApogeeStar, ApogeeVisit } from './archive/apogee-archive.js'
export {
  SDSS_FORMS,
  SDSS_PRODUCTS,
  SDSS_RELEASES,
  parseSdssId,
  sdssProductFile,
  sdssSpecFile,
} from './archive/sdss-archive.js'
export type { SdssForm, SdssProduct, SdssRelease, SdssSpectrum } from './archive/sdss-archive.js'
export {
  DESI_BASE,
  DESI_KINDS,
  DESI_NSIDE,
  DESI_PRODUCTS,
  DESI_PROGRAMS,
  DESI_RELEASES,
  DESI_SURVEYS,
  desiHealpixFile,
  desiProductFile,
  desiTileFile,
} from './archive/desi-archive.js'
export type { DesiKind, DesiProduct, DesiRelease } from './archive/desi-archive.js'
export { mwmCatalogFile, mwmStarFile } from './archive/mwm-archive.js'
export { healpixCenter, healpixInCone, healpixOf } from './archive/healpix.js'
export { PHOENIX_BASE, phoenixFile, phoenixNodes, phoenixWaveFile } from './archive/phoenix-archive.js'
export type { PhoenixNode, PhoenixRanges, ValueRange } from './archive/phoenix-archive.js'
export {
  MILES_BASE,
  MILES_LIBRARY_BASE,
  milesFile,
  milesLibraryFile,
  milesParametersFile,
} from './archive/miles-archive.js'
export { LAMOST_BASE, LAMOST_KINDS, LAMOST_RELEASES, lamostFile } from './archive/lamost-archive.js'
export type { LamostKind, LamostRelease } from './archive/lamost-archive.js'

import { FitsError } from '../fits-error.js'
import type { DataLayout } from '../read/data-layout.js'
import type { HduBase, OtherHdu, TableHdu } from '../read/hdu.js'
import type { ByteSource } from '../source/byte-source.js'
import type { CompressedTableLayout } from './compressed-table-layout.js'
import { compressedTableLayout } from './compressed-table-layout.js'
import { readCompressedTable } from './read-compressed-table.js'

/**
 * A tile-compressed table (FITS 4.0, section 10.3) as the table it holds, with that table's header. One whose keywords
 * cannot be followed opens as `compressed-table`, with the reason in `unread` and in a warning.
 */
export function compressedTableHdu(
  base: HduBase,
  layout: DataLayout,
  source: ByteSource,
  warn: (message: string) => void,
): TableHdu | OtherHdu {
  let compressed: CompressedTableLayout
  try {
    compressed = compressedTableLayout(base, layout)
  } catch (error) {
    if (!(error instanceof FitsError)) throw error
    warn(error.message)
    return { ...base, type: 'compressed-table', unread: error }
  }
  const { header, table, tileRows, compression } = compressed
  return {
    ...base,
    header,
    type: 'bintable',
    rows: table.rows,
    columns: table.columns.map(({ info }) => info),
    compression: {
      algorithms: compression.map(({ algorithm }) => algorithm),
      tileRows,
      tableHeader: base.header,
    },
    read: (options = {}) => readCompressedTable(source, base, compressed, options),
  }
}

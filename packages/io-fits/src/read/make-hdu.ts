import { compressedImageHdu } from '../compression/compressed-image-hdu.js'
import { compressedTableHdu } from '../compression/compressed-table-hdu.js'
import type { ByteSource } from '../source/byte-source.js'
import type { DataLayout } from './data-layout.js'
import { isRandomGroups } from './data-layout.js'
import type { Hdu, HduBase } from './hdu.js'
import { imageHdu } from './image-hdu.js'
import { tableHdu } from './table-hdu.js'

/** The HDU of the type that its header says. */
export function makeHdu(base: HduBase, layout: DataLayout, source: ByteSource, warn: (message: string) => void): Hdu {
  const { header, index } = base
  if (index === 0) {
    if (isRandomGroups(header, layout.axes)) return tableHdu(base, layout, source, warn, 'random-groups')
    return imageHdu(base, layout, source)
  }
  switch (header.getString('XTENSION') ?? '') {
    case 'IMAGE':
    case 'IUEIMAGE':
      return imageHdu(base, layout, source)
    case 'BINTABLE':
    case 'A3DTABLE':
      if (header.get('ZIMAGE') === true) return compressedImageHdu(base, layout, source, warn)
      if (header.get('ZTABLE') === true) return compressedTableHdu(base, layout, source, warn)
      return tableHdu(base, layout, source, warn)
    case 'TABLE':
      return tableHdu(base, layout, source, warn, 'ascii-table')
    default:
      return { ...base, type: 'unknown' }
  }
}

import type { FlagSet } from '@astrolabel/spectra'
import { namedBits } from './named-bits.js'

/** Bits of ANDMASK, ORMASK and PIXMASK of LAMOST spectra, which its data model numbers from 1. */
export const LAMOST_PIXMASK: FlagSet = namedBits('0 BADCCD, 1 BADPROFILE, 2 NOSKY, 3 BRIGHTSKY, 4 BADCENTER, 5 NODATA')

import { AstrolabelError } from '@astrolabel/spectra'
import { findArray } from '../npz/array-names.js'

/** Where columns are not called `flux`, `ivar` or `sigma`, `wavelength`, `star_id`. */
export interface TableRoleOptions {
  readonly fluxColumn?: string | undefined
  readonly ivarColumn?: string | undefined
  readonly sigmaColumn?: string | undefined
  readonly waveColumn?: string | undefined
  readonly idColumn?: string | undefined
}

const ROLES = ['flux', 'ivar', 'sigma', 'mask', 'wavelength', 'loglam', 'starId', 'ra', 'dec'] as const

/** Columns of a table by what they hold. */
export type Roles = Partial<Record<(typeof ROLES)[number], string>>

/**
 * Tell what the columns of a table hold, by the options, else by their names; those of templates may end in the name of
 * their class: `wave_STAR`, `flux_STAR`.
 *
 * @throws `surveys/no-column`, listing the columns, when one that was named or flux is not there.
 */
export function rolesOf(names: readonly string[], source: string, options: TableRoleOptions): Roles {
  const asked: Partial<Record<keyof Roles, string | undefined>> = {
    flux: options.fluxColumn,
    ivar: options.ivarColumn,
    sigma: options.sigmaColumn,
    wavelength: options.waveColumn,
    starId: options.idColumn,
  }
  const plain =
    findArray(names, 'flux') === undefined && options.fluxColumn === undefined ? withoutSuffix(names) : names
  const roles: Roles = {}
  for (const role of ROLES) {
    const wanted = asked[role]
    if (wanted === undefined) {
      const found = findArray(plain, role)
      if (found !== undefined) roles[role] = names[plain.indexOf(found)]!
      continue
    }
    const found = names.find((name) => name.toLowerCase() === wanted.toLowerCase())
    if (found === undefined) throw noColumn(wanted, source, names)
    roles[role] = found
  }
  if (roles.flux === undefined) throw noColumn('flux', source, names)
  return roles
}

function withoutSuffix(names: readonly string[]): readonly string[] {
  const suffix = names.map((name) => /^flux(_.+)$/i.exec(name)?.[1]).find((found) => found !== undefined)
  return suffix === undefined
    ? names
    : names.map((name) => (name.endsWith(suffix) ? name.slice(0, -suffix.length) : name))
}

/** The error for a column that is not there. */
export function noColumn(name: string, source: string, names: readonly string[]): AstrolabelError {
  return new AstrolabelError('surveys/no-column', `${source} has no column ${name}`, {
    expected: `one of ${names.join(', ')}`,
    remedy: 'Say which column it is in the options',
  })
}

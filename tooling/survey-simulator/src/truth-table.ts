import type { AllStarRow } from './all-star.js'
import type { SimulatedStar } from './star-population.js'

/** The truth as CSV, one line a star in the order of the coadds; APOGEE_ID is empty for stars that allStar lacks. */
export function truthCsv(stars: readonly SimulatedStar[], allStar: readonly AllStarRow[]): string {
  const listed = new Set(allStar.map((row) => row.apogeeId))
  const lines = ['TARGETID,APOGEE_ID,ra,dec,teff,logg,fe_h,mg_fe,alpha_fe,v_rad,snr']
  for (const { targetId, apogeeId, position, labels, vRad, snr } of stars) {
    const { teff, logg, fe_h, mg_fe, alpha_fe } = labels
    lines.push(
      [
        targetId,
        listed.has(apogeeId) ? apogeeId : '',
        position.ra.toFixed(7),
        position.dec.toFixed(7),
        teff.toFixed(2),
        ...[logg, fe_h, mg_fe, alpha_fe].map((value) => value.toFixed(4)),
        vRad.toFixed(3),
        snr.toFixed(1),
      ].join(','),
    )
  }
  return `${lines.join('\n')}\n`
}

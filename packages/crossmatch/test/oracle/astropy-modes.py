"""Golden answers from astropy: all pairs, k nearest, and motion through space.

Run from this folder: python3 astropy-modes.py > astropy-modes.json
"""

import json

import astropy
import astropy.units as u
import numpy as np
from astropy.coordinates import Distance, SkyCoord, search_around_sky
from astropy.time import Time

rng = np.random.default_rng(20261123)


def cap(ra0, dec0, spread_arcsec, n):
    centre = SkyCoord(ra0 * u.deg, dec0 * u.deg)
    there = centre.directional_offset_by(
        rng.uniform(0, 360, n) * u.deg, spread_arcsec * np.sqrt(rng.uniform(0, 1, n)) * u.arcsec
    )
    return there.ra.deg, there.dec.deg


cases = []
for name, ra0, dec0, spread, radius in [
    ("north pole", 40.0, 89.9999, 20.0, 4.0),
    ("south pole", 200.0, -90.0, 20.0, 4.0),
    ("0h seam", 0.0, -12.0, 20.0, 4.0),
    ("wide cap", 123.0, 56.0, 200000.0, 30000.0),
]:
    ra_b, dec_b = cap(ra0, dec0, spread, 50)
    ra_a, dec_a = cap(ra0, dec0, spread, 30)
    a = SkyCoord(ra_a * u.deg, dec_a * u.deg)
    b = SkyCoord(ra_b * u.deg, dec_b * u.deg)
    i, j, separation, _ = search_around_sky(a, b, radius * u.arcsec)
    order = np.lexsort((separation.arcsec, i))
    neighbours = [a.match_to_catalog_sky(b, nthneighbor=nth)[:2] for nth in (1, 2, 3)]
    cases.append(
        {
            "name": name,
            "radiusArcsec": radius,
            "a": {"ra": ra_a.tolist(), "dec": dec_a.tolist()},
            "b": {"ra": ra_b.tolist(), "dec": dec_b.tolist()},
            "pairs": {
                "a": i[order].tolist(),
                "b": j[order].tolist(),
                "separationArcsec": separation.arcsec[order].tolist(),
            },
            "nearest3": np.column_stack([index for index, _ in neighbours]).tolist(),
            "separation3": np.column_stack([separation.arcsec for _, separation in neighbours]).tolist(),
        }
    )

# Barnard's star, 61 Cyg A, Kapteyn's star, Polaris, two made up beside the poles, one over the seam.
motions = [
    # ra, dec, pmRa mas/yr, pmDec mas/yr, parallax mas, rv km/s, from, to
    (269.45207696, 4.69336497, -801.551, 10362.394, 546.9759, -110.47, 2016.0, 2000.0),
    (316.74847929, 38.76386241, 4164.209, 3249.614, 285.9949, -65.97, 2016.0, 2000.0),
    (77.95993734, -45.04381404, 6491.223, -5708.614, 254.1986, 245.0, 2016.0, 1991.25),
    (37.95456067, 89.26410897, 44.48, -11.85, 7.54, -16.42, 1991.25, 2016.0),
    (0.00001, 12.0, -250.0, 30.0, 20.0, 0.0, 2016.0, 2000.0),
    (359.99999, -12.0, 250.0, 30.0, 20.0, 0.0, 2000.0, 2016.0),
    (123.0, 89.99999, 40.0, 300.0, 25.0, 10.0, 2000.0, 2100.0),
    (210.0, -89.99999, -70.0, -500.0, 25.0, -30.0, 2100.0, 1950.0),
    (10.0, 45.0, 5.0, -8.0, 1.0, 20.0, 2016.0, 2015.5),
]
moved = []
for ra, dec, pm_ra, pm_dec, parallax, rv, start, end in motions:
    star = SkyCoord(
        ra=ra * u.deg,
        dec=dec * u.deg,
        pm_ra_cosdec=pm_ra * u.mas / u.yr,
        pm_dec=pm_dec * u.mas / u.yr,
        distance=Distance(parallax=parallax * u.mas),
        radial_velocity=rv * u.km / u.s,
        obstime=Time(start, format="jyear", scale="tdb"),
    )
    there = star.apply_space_motion(new_obstime=Time(end, format="jyear", scale="tdb"))
    moved.append(
        {
            "ra": ra, "dec": dec, "pmRa": pm_ra, "pmDec": pm_dec, "parallax": parallax, "rv": rv,
            "fromEpoch": start, "toEpoch": end, "raTo": float(there.ra.deg), "decTo": float(there.dec.deg),
        }
    )

print(json.dumps({"astropy": astropy.__version__, "cases": cases, "moved": moved}))

"""Golden answers from astropy's match_to_catalog_sky and search_around_sky.

Run from this folder: python3 astropy-match.py > astropy-match.json
"""

import json

import astropy
import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord, search_around_sky

rng = np.random.default_rng(20261122)


def cap(ra0, dec0, spread_arcsec, n):
    """n positions scattered round a centre, written with ra in [0, 360) and dec folded over the pole by SkyCoord itself."""
    centre = SkyCoord(ra0 * u.deg, dec0 * u.deg)
    there = centre.directional_offset_by(rng.uniform(0, 360, n) * u.deg, spread_arcsec * np.sqrt(rng.uniform(0, 1, n)) * u.arcsec)
    return there.ra.deg, there.dec.deg


cases = []
for name, ra0, dec0, spread, radius in [
    ("north pole", 40.0, 89.9999, 20.0, 3.0),
    ("south pole", 200.0, -90.0, 20.0, 3.0),
    ("0h seam", 0.0, -12.0, 20.0, 3.0),
    ("crowded field", 266.4168, -29.0078, 8.0, 2.0),
    ("wide cap", 123.0, 56.0, 200000.0, 30000.0),
    ("sparse", 83.8, -5.4, 3600.0, 1.0),
]:
    ra_b, dec_b = cap(ra0, dec0, spread, 60)
    ra_a, dec_a = cap(ra0, dec0, spread, 40)
    a = SkyCoord(ra_a * u.deg, dec_a * u.deg)
    b = SkyCoord(ra_b * u.deg, dec_b * u.deg)
    index, separation, _ = a.match_to_catalog_sky(b)
    pairs = search_around_sky(a, b, radius * u.arcsec)
    cases.append(
        {
            "name": name,
            "radiusArcsec": radius,
            "a": {"ra": ra_a.tolist(), "dec": dec_a.tolist()},
            "b": {"ra": ra_b.tolist(), "dec": dec_b.tolist()},
            "nearest": index.tolist(),
            "separationArcsec": separation.arcsec.tolist(),
            "candidates": np.bincount(pairs[0], minlength=len(a)).tolist(),
        }
    )

print(json.dumps({"astropy": astropy.__version__, "cases": cases}))

"""Changes a FITS file with astropy, and checks one: rewrite.py check|append|update FILE. Prints what it sees as JSON."""
import json
import sys
import warnings

import numpy
from astropy.io import fits

what, path = sys.argv[1:]
if what == "append":
    fits.append(path, numpy.arange(6, dtype="i4").reshape(2, 3), fits.Header([("EXTNAME", "PEER")]), checksum=True)
if what == "update":
    with fits.open(path, mode="update", checksum=True) as hdus:
        hdus[1].header["PEER"] = ("changed", "by astropy")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    with fits.open(path, checksum=True) as hdus:
        hdus.verify("exception")
        seen = [
            {
                "name": hdu.name,
                "sum": None if hdu.data is None else float(numpy.sum(hdu.data if hdu.is_image else hdu.data[hdu.data.names[0]])),
                "cards": [[card.keyword, str(card.value), card.comment] for card in hdu.header.cards],
            }
            for hdu in hdus
        ]
print(json.dumps({"hdus": seen, "warnings": [str(warning.message) for warning in caught]}))

"""Answers of astropy to LAMOST and DESI files of shared/data: /usr/bin/python3 make-lamost-desi-golden.py DATA > ../golden/lamost-desi-answers.json"""

import json
import sys

import numpy as np
from astropy.io import fits

data = sys.argv[1]


def arm(flux, ivar, loglam, mask):
    flux, ivar = np.asarray(flux, float), np.asarray(ivar, float)
    good = np.isfinite(flux) & (ivar > 0)
    return {
        "n": len(flux),
        "flux": float(flux[np.isfinite(flux)].sum()),
        "ivar": float(ivar[good].sum()),
        "good": int(good.sum()),
        "mask": int(np.asarray(mask).astype(np.int64).sum()),
        "first": float(loglam[0]),
        "last": float(loglam[-1]),
    }


def lrs(name):
    with fits.open(f"{data}/lamost/{name}") as hdus:
        header, image = hdus[0].header, hdus[0].data
        return {
            "id": str(header["OBSID"]),
            "ra": header["RA"],
            "z": header["Z"],
            "snrg": header["SNRG"],
            "and": arm(image[0], image[1], np.log10(image[2]), image[3]),
            "or": arm(image[0], image[1], np.log10(image[2]), image[4]),
        }


def mrs(name):
    with fits.open(f"{data}/lamost/{name}") as hdus:
        header = hdus[0].header
        table = lambda hdu, mask: arm(hdu.data["FLUX"], hdu.data["IVAR"], hdu.data["LOGLAM"], hdu.data[mask])
        return {
            "id": str(header["OBSID"]),
            "B": table(hdus["COADD_B"], "ANDMASK"),
            "R": table(hdus["COADD_R"], "ANDMASK"),
            "snr": [hdus["COADD_B"].header["SNR"], hdus["COADD_R"].header["SNR"]],
            "exposures": {
                hdu.name: table(hdu, "PIXMASK") for hdu in hdus[1:] if not hdu.name.startswith("COADD")
            },
        }


def coadd(name):
    with fits.open(f"{data}/desi/{name}") as hdus:
        exposures = hdus["EXP_FIBERMAP"].data
        ids = [int(i) for i in hdus["FIBERMAP"].data["TARGETID"]]
        mine = [exposures[exposures["TARGETID"] == i] for i in ids]
        return {
            "ids": [str(i) for i in ids],
            "objtype": [str(t) for t in hdus["FIBERMAP"].data["OBJTYPE"]],
            "exposures": [len(rows) for rows in mine],
            "mjd": [float(rows["MJD"].mean()) for rows in mine],
            "snr": {arm: [float(v) for v in hdus["SCORES"].data[f"MEDIAN_COADD_SNR_{arm}"]] for arm in "BRZ"},
            "resolution": {
                arm: {
                    "shape": list(hdus[f"{arm}_RESOLUTION"].data.shape),
                    "sum": [float(v) for v in hdus[f"{arm}_RESOLUTION"].data.astype(float).sum(axis=(1, 2))],
                    "middle": [float(v) for v in hdus[f"{arm}_RESOLUTION"].data[:, 5, 1000]],
                }
                for arm in "BRZ"
            },
        }


def redrock(name):
    with fits.open(f"{data}/desi/{name}") as hdus:
        rows = hdus["REDSHIFTS"].data
        return {
            "ids": [str(int(i)) for i in rows["TARGETID"]],
            "z": [float(v) for v in rows["Z"]],
            "zerr": [float(v) for v in rows["ZERR"]],
            "zwarn": [int(v) for v in rows["ZWARN"]],
            "spectype": [str(v) for v in rows["SPECTYPE"]],
            "coeff": [float(v) for v in rows["COEFF"].ravel()],
        }


print(
    json.dumps(
        {
            "lrs": [lrs(n) for n in ("spec-57287-KP193637N444141V03_sp10-161.fits.gz", "spec-58397-EG014118N254444M01_sp03-031.fits")],
            "mrs": [mrs(n) for n in ("med-58408-TD230151N343645T01_sp01-015.fits", "med-58625-TD192102N424113K01_sp12-076.fits.gz")],
            "coadd": coadd("coadd-5-169-thru20210419.fits"),
            "redrock": [redrock(n) for n in ("redrock-4-80613-thru20210324.fits", "redrock-test.fits")],
        },
        indent=1,
    )
)

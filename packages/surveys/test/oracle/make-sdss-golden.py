"""Writes ../golden/sdss-answers.json: what astropy reads in the real files of APOGEE and SDSS, given the folder of data.

The cuts of the chips are written out here once more, as ranges of the 8575 pixels, so that they are not the reader's.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")
data = Path(sys.argv[1])
out = {}

windows = {"dr12": [(322, 3242), (3648, 6048), (6412, 8306)], "dr13": [(246, 3274), (3585, 6080), (6344, 8335)]}


def total(x):
    return float(np.sum(x, dtype="f8"))


with fits.open(data / "apogee/apStar-r6-2M00005143+5615568.fits") as h:
    flux, err, mask = (h[i].data for i in (1, 2, 3))
    ivar = np.where((err[0] > 0) & (err[0] < 1e9) & (flux[0] != 0), 1 / err[0].astype("f8") ** 2, 0)
    wave = 10 ** (h[1].header["CRVAL1"] + h[1].header["CDELT1"] * np.arange(8575))
    out["chips"] = {
        name: {
            "pixels": sum(b - a for a, b in ranges),
            "flux": [total(flux[0][a:b]) for a, b in ranges],
            "ivar": [total(ivar[a:b]) for a, b in ranges],
            "and": [int(mask[1][a:b].astype("i8").sum()) for a, b in ranges],
            "wave": [[float(wave[a]), float(wave[b - 1])] for a, b in ranges],
        }
        for name, ranges in windows.items()
    }

elements = "c_m_elem ci_m n_m_elem o_m na_h mg_m al_h si_m p_h s_m k_h ca_m ti_m tiii_m v_h cr_h mn_h fe_h co_h ni_h cu_h ge_h ce_h rb_h y_h nd_h".split()
stars = {}
for f in sorted((data / "apogee").glob("aspcapStar-*.fits"))[:4]:
    with fits.open(f) as h:
        t = h[4].data[0]
        stars[t["APOGEE_ID"].strip()] = {
            "felem": {n: None if v == -9999 else float(v) for n, v in zip(elements, t["FELEM"])},
            "error": {n: None if e <= 0 or v == -9999 else float(e) for n, v, e in zip(elements, t["FELEM"], t["FELEM_ERR"])},
            "flag": {n: int(v) & 0xFFFF for n, v in zip(elements, t["ELEMFLAG"])},
            "paramflag": [int(v) & 0xFFFFFFFF for v in t["PARAMFLAG"]],
            "v_sini": 10 ** float(t["FPARAM"][7]),
        }
out["elements"] = stars

# In allStar of DR12 the abundances stand under their names too: X_H is ELEM, or ELEM + [M/H] where it is over M.
with fits.open(data / "apogee/APOGEE-allStar-v603-Hipparcos.fits.gz") as h:
    t = h[1].data
    row = int(np.flatnonzero((t["ELEM"] > -9000).all(axis=1) & (t["FPARAM"][:, 3] > -9000))[0])
    names = "AL CA C FE K MG MN NA NI N O SI S TI V".split()
    out["dr12"] = {
        "row": row,
        "elem": t["ELEM"][row].tolist(),
        "m_h": float(t["FPARAM"][row, 3]),
        "x_h": {n.lower(): float(t[f"{n}_H"][row]) for n in names},
    }
    ids, counts = np.unique(t["APOGEE_ID"], return_counts=True)
    low = {}
    for i, (k, s) in enumerate(zip(t["APOGEE_ID"], t["SNR"])):
        if k not in low or s < t["SNR"][low[k]]:
            low[k] = i
    out["duplicates"] = {
        "rows": len(t),
        "stars": int((counts > 1).sum()),
        "extra": int(len(t) - len(ids)),
        "lowest": float(t["SNR"][sorted(low.values())].sum(dtype="f8")),
    }

spec = {}
for f in sorted((data / "sdss").glob("spec-*.fits")):
    with fits.open(f) as h:
        o = h[2].data[0]
        spec[f.name] = {
            "plate": int(o["PLATE"]),
            "mjd": int(o["MJD"]),
            "fiber": int(o["FIBERID"]),
            "class": str(o["CLASS"]).strip(),
            "subclass": str(o["SUBCLASS"]).strip(),
            "zwarning": int(o["ZWARNING"]),
            "elodie": [float(o[n]) for n in ("ELODIE_TEFF", "ELODIE_LOGG", "ELODIE_FEH")],
        }
out["spec"] = spec
(Path(__file__).parent.parent / "golden/sdss-answers.json").write_text(json.dumps(out, indent=1) + "\n")

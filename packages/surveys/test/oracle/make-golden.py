"""Writes ../golden with numpy and astropy: arrays of every type with their values as JSON, and a small DESI coadd.

Run with a Python that has numpy and astropy; the tests need only the files it writes. The answers of real files
(real-answers.json) are computed when the folder of real data is given as an argument.
"""

import json
import sys
from pathlib import Path

import numpy as np
from astropy.io import fits

golden = Path(__file__).parent.parent / "golden"

arrays = {
    "f8": np.array([[1.5, -2.25, np.pi], [0.0, 1e300, -1e-300]]),
    "f4": np.array([1.5, 2.5], dtype="<f4"),
    "f2": np.array([1.0, -0.5, 65504.0, 6e-8], dtype="<f2"),
    "big_f4": np.array([1.5, -7.25], dtype=">f4"),
    "big_i4": np.array([1, -70000], dtype=">i4"),
    "i1": np.array([-128, 127], dtype="i1"),
    "i2": np.array([-32768, 32767], dtype="<i2"),
    "i4": np.array([[1, 2], [3, 4], [5, -6]], dtype="<i4"),
    "i8": np.array([39633297352951412, -1695072], dtype="<i8"),
    "u1": np.array([0, 255], dtype="u1"),
    "u2": np.array([65535], dtype="<u2"),
    "u4": np.array([4294967295], dtype="<u4"),
    "u8": np.array([18446744073709551615], dtype="<u8"),
    "bool": np.array([[True, False], [False, True]]),
    "unicode": np.array(["TEFF", "[α/M]", "", "𝒯"]),
    "bytes": np.array([b"2M0000", b"x"]),
    "scalar": np.array(4.25),
    "empty": np.zeros((0, 3)),
    "fortran": np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)),
}


def plain(a):
    if a.dtype.kind == "S":
        return [v.decode() for v in a.ravel()]
    if a.dtype.kind in "iu" and a.dtype.itemsize == 8:
        return [str(v) for v in a.ravel()]
    if a.dtype.kind == "b":
        return [int(v) for v in a.ravel()]
    return a.ravel().tolist()


np.savez(golden / "stored.npz", **arrays)
np.savez_compressed(golden / "compressed.npz", **arrays)
np.savez(golden / "objects.npz", flux=np.ones((2, 3)), wavelength=np.array([5000.0, 5001, 5002]), info=np.array({"a": 1}, dtype=object))
answers = {name: {"shape": list(a.shape), "values": plain(a)} for name, a in arrays.items()}
(golden / "arrays.json").write_text(json.dumps(answers, indent=0, ensure_ascii=False) + "\n")

# A coadd of four fibres and two short arms, with what the real ones have: a sky fibre, a NaN, unsigned masks.
hdus = [fits.PrimaryHDU()]
hdus[0].header["DEPNAM00"] = "SPECPROD"
hdus[0].header["DEPVER00"] = "iron"
ids = np.array([39633297352951412, 39633300968442591, -1695072, 39633345008634465])
table = fits.BinTableHDU.from_columns(
    [
        fits.Column("TARGETID", "K", array=ids),
        fits.Column("TARGET_RA", "D", array=[10.5, 20.25, 30.0, 359.125]),
        fits.Column("TARGET_DEC", "D", array=[-5.5, 0.0, 45.0, 89.5]),
        fits.Column("OBJTYPE", "3A", array=["TGT", "TGT", "SKY", "TGT"]),
        fits.Column("COADD_FIBERSTATUS", "J", array=[0, 8, 0, 0]),
        fits.Column("FLUX_G", "E", array=[1.5, np.nan, 0.0, 7.25]),
    ],
    name="FIBERMAP",
)
hdus.append(table)
for arm, start in (("B", 3600.0), ("R", 3604.0)):
    wave = start + 0.8 * np.arange(8)
    flux = (np.arange(32, dtype="f4").reshape(4, 8) + (100 if arm == "R" else 0)).astype("f4")
    ivar = np.full((4, 8), 4, dtype="f4")
    mask = np.zeros((4, 8), dtype="u4")
    if arm == "B":
        flux[1, 2] = np.nan
        ivar[3, 7] = -1
        mask[0, 1] = 2**31 + 4
    hdus += [
        fits.ImageHDU(wave, name=f"{arm}_WAVELENGTH"),
        fits.ImageHDU(flux, name=f"{arm}_FLUX"),
        fits.ImageHDU(ivar, name=f"{arm}_IVAR"),
        fits.ImageHDU(mask, name=f"{arm}_MASK"),
    ]
    hdus[-3].header["BUNIT"] = "10**-17 erg/(s cm2 Angstrom)"
fits.HDUList(hdus).writeto(golden / "coadd-small.fits", overwrite=True)

if len(sys.argv) > 1:
    data = Path(sys.argv[1])
    out = {}
    total = 0.0
    bad = 0
    files = sorted((data / "miles").glob("*.fits"))
    for f in files:
        d = fits.getdata(f).astype("f4")
        total += float(d.sum(dtype="f8"))
        bad += int((d <= 0).sum())
    out["miles"] = {"files": len(files), "sum": total, "bad": bad}
    with fits.open(data / "desi/coadd-5-169-thru20210419.fits") as h:
        out["desi"] = {
            "ids": [str(v) for v in h["FIBERMAP"].data["TARGETID"]],
            "ra": h["FIBERMAP"].data["TARGET_RA"].tolist(),
            "flux": {a: float(np.nansum(h[f"{a}_FLUX"].data, dtype="f8")) for a in "BRZ"},
            "ivar": {a: float(np.nansum(h[f"{a}_IVAR"].data, dtype="f8")) for a in "BRZ"},
            "masked": {a: int((h[f"{a}_MASK"].data != 0).sum()) for a in "BRZ"},
        }
    t = fits.getdata(data / "apogee/APOGEE-allStar-v603-Hipparcos.fits.gz", 1)
    best = {}
    for i, (k, s) in enumerate(zip(t["APOGEE_ID"], t["SNR"])):
        if k not in best or s > t["SNR"][best[k]]:
            best[k] = i
    t = t[sorted(best.values())]
    good = t["TEFF"] != -9999
    out["allstar"] = {
        "rows": len(t),
        "teff": {"n": int(good.sum()), "sum": float(t["TEFF"][good].sum(dtype="f8"))},
        "mg_h": {"n": int((t["MG_H"] != -9999).sum())},
        "teff_err": {"n": int((t["TEFF_ERR"] >= 0).sum())},
        "noAspcap": int(((t["ASPCAPFLAG"].astype("i8") >> 31) & 1).sum()),
        "v_rad": float(t["VHELIO_AVG"].sum(dtype="f8")),
    }
    z = np.load(data / "cannon/apogee_kurucz_giants_train.npz")
    good = z["ivar"] > 0
    out["kurucz"] = {"flux": float(np.where(good, z["flux"], 0).sum(dtype="f8")), "good": int(good.sum()), "labels": z["labels"].sum(axis=0).tolist(), "last": z["wavelength"][-1].item()}
    z = np.load(data / "cannon/apogee_671x100_train.npz")
    out["real671"] = {"ivar": float((1 / z["sigma"] ** 2).astype("f4").sum(dtype="f8")), "m_h": float(z["labels"][:, 2].sum())}

    def total(x):
        return float(np.sum(x, dtype="f8"))

    # Rows of apStar by their meaning; 1e10 and exact zeros are what was not measured.
    stars = []
    for f in sorted((data / "apogee").glob("apStar-*.fits")):
        with fits.open(f) as h:
            flux, err, mask = (np.atleast_2d(h[i].data) for i in (1, 2, 3))
            one = len(flux) == 1
            good = lambda r: (err[r] > 0) & (err[r] < 1e9) & (flux[r] != 0)
            entry = {"id": h[0].header["OBJID"], "ra": h[0].header["RA"], "rows": len(flux), "vhelio": h[0].header["VHELIO"]}
            for name, r in (("pixel", 0), ("global", 0 if one else 1)):
                entry[name] = {"flux": total(flux[r]), "good": int(good(r).sum()), "ivar": total(1 / err[r][good(r)].astype("f8") ** 2)}
            entry["or"] = int(mask[0].astype("i8").sum())
            entry["and"] = int(mask[0 if one else 1].astype("i8").sum())
            entry["visits"] = [total(flux[r]) for r in ([0] if one else range(2, len(flux)))]
            stars.append(entry)
    out["apStar"] = stars
    labelled = []
    for f in sorted((data / "apogee").glob("aspcapStar-*.fits")):
        with fits.open(f) as h:
            flux, err, t = h[1].data, h[2].data, h[4].data[0]
            good = (err > 0) & (flux != 0)
            labelled.append(
                {
                    "id": t["APOGEE_ID"].strip(),
                    "flux": total(flux),
                    "good": int(good.sum()),
                    "fparam": t["FPARAM"].tolist(),
                    "param": t["PARAM"].tolist(),
                    "sigma": np.sqrt(np.diag(t["FPARAM_COV"])).tolist(),
                    "flag": int(t["ASPCAPFLAG"]),
                }
            )
    out["aspcapStar"] = labelled
    with fits.open(data / "apogee/apVisit-r6-5094-55874-088.fits") as h:
        out["apVisit"] = {"flux": h[1].data[:, ::-1][::-1].ravel()[[0, 5000, -1]].tolist(), "wave": h[4].data[:, ::-1][::-1].ravel()[[0, 5000, -1]].tolist()}
    spec = []
    for f in sorted((data / "sdss").glob("spec-*.fits")):
        with fits.open(f) as h:
            t, o = h[1].data, h[2].data[0]
            loglam = t["loglam"].astype("f8")
            spec.append(
                {
                    "coeff0": h[0].header["COEFF0"],
                    "first": int(round(loglam[0] * 1e4)),
                    "n": len(t),
                    "flux": total(t["flux"]),
                    "ivar": total(t["ivar"]),
                    "good": int((t["ivar"] > 0).sum()),
                    "and": int(t["and_mask"].astype("u4").astype("i8").sum()),
                    "or": int(t["or_mask"].astype("u4").astype("i8").sum()),
                    "id": str(o["SPECOBJID"]).strip(),
                    "ra": float(o["PLUG_RA"]),
                    "z": float(o["Z"]),
                }
            )
    out["spec"] = spec
    (golden / "real-answers.json").write_text(json.dumps(out, indent=1) + "\n")

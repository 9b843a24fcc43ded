"""Tables as astropy writes them: /usr/bin/python3 make-table-golden.py ../golden"""

import sys
import warnings

import numpy as np
from astropy import units as u
from astropy.io.votable import from_table
from astropy.table import MaskedColumn, Table

warnings.simplefilter("ignore")
out = sys.argv[1]
t = Table()
t["id"] = np.array([9007199254740993, -5, 7], "i8")
t["f"] = MaskedColumn(np.array([1.5, np.nan, 3], "f4"), mask=[0, 0, 1], unit="km/s")
t["n"] = MaskedColumn(np.array([1, 2, 3], "i2"), mask=[0, 1, 0])
t["s"] = MaskedColumn(["a b", "", 'x"y, z'], mask=[0, 1, 0])
t["b"] = np.array([True, False, True])
t["v"] = np.arange(6, dtype="f8").reshape(3, 2)
t["q"] = [1, 2, 3] * u.AA
for kind in ("tabledata", "binary", "binary2"):
    votable = from_table(t)
    votable.get_first_table().get_field_by_id("n").values.null = -99
    votable.to_xml(f"{out}/types-{kind}.vot", tabledata_format=kind)
t["u"] = np.array([2**64 - 1, 0, 1], "u8")
t["m"] = np.ma.MaskedArray(np.array([[2**62 + 1, 1], [2, 3], [4, 5]], "i8"), mask=[[0, 1], [0, 0], [1, 1]])
t["o"] = np.array([[1, 2], [3], None], dtype=object)
t["c"] = np.array([1 + 2j, 3, 4])
ragged = np.empty(3, dtype=object)
for i, values in enumerate(([1.0, 2.0], [3.0, 4.0], [5.0, 6.0])):
    ragged[i] = np.array(values)
t["w"] = ragged
t.meta["survey"] = "none"
t.write(f"{out}/types.ecsv", overwrite=True)
t.write(f"{out}/types-comma.ecsv", overwrite=True, delimiter=",")

"""Writes test/golden/{variable,text,groups,checksum}.fits with astropy, and beside each a .json of what is in it.

Run once, by hand, after changing it: /usr/bin/python3 test/oracle/make-golden-tables.py
"""
import json
import pathlib
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / 'golden'


def plain(values):
    """Values as JSON: 64-bit integers as text, NaN and infinities as text, complex as pairs."""
    values = np.asarray(values)
    kind = values.dtype.kind
    if kind in 'SU':
        return [str(v).rstrip() for v in values.astype(str)]
    if kind == 'c':
        return [x for v in values for x in (float(v.real), float(v.imag))]
    if kind == 'f':
        return [float(v) if np.isfinite(v) else str(v) for v in values]
    if kind == 'b':
        return [int(v) for v in values]
    return [str(v) if values.dtype.itemsize == 8 else int(v) for v in values]


def save(name, hdus, expected, **options):
    fits.HDUList(hdus).writeto(GOLDEN / f'{name}.fits', overwrite=True, **options)
    (GOLDEN / f'{name}.json').write_text(json.dumps(expected, indent=1) + '\n')


def ragged(dtype, rows):
    out = np.empty(len(rows), dtype=object)
    for i, row in enumerate(rows):
        out[i] = np.array(row, dtype)
    return out


def variable():
    u2 = 2**15
    cases = [
        # As bytes, for astropy 5.2 writes logicals of variable length as 0 and 1.
        ('PL', 'PL()', 'i1', [[84, 70], [], [70], [84, 0, 84]], 'bool', {}),
        ('PB', 'PB()', 'u1', [[0, 255], [], [7], [1, 2, 3]], 'u1', {}),
        ('PI', 'PI()', 'i2', [[-32768, 32767], [], [7], [1, 2, 3]], 'i2', {'unit': 'adu'}),
        ('PJ', 'PJ()', 'i4', [[-(2**31), 2**31 - 1], [], [7], [1, 2, 3]], 'i4', {'null': 7}),
        ('PK', 'PK()', 'i8', [[-(2**63), 2**63 - 1], [], [2**53 + 1], [1, 2, 3]], 'i8', {}),
        ('PE', 'PE()', 'f4', [[0.1, np.nan], [], [-np.inf], [1, 2, 3]], 'f4', {}),
        ('PD', 'PD()', 'f8', [[0.1, np.nan], [], [5e-324], [1, 2, 3]], 'f8', {}),
        ('PC', 'PC()', 'c8', [[1 + 2j], [], [-0.5j], [1, 2j, 3]], 'c8', {}),
        ('PM', 'PM()', 'c16', [[1 + 2j], [], [-0.5j], [1, 2j, 3]], 'c16', {}),
        ('QE', 'QE()', 'f4', [[], [1], [2, 3], []], 'f4', {}),
        ('QI', 'QI()', 'i2', [[], [1], [2, 3], []], 'i2', {}),
        ('SCALED', 'PI()', 'i2', [[-7, 1], [], [16], [0, 2, 4]], 'f8', {}),
        ('UI', 'PI()', 'i2', [[-u2, u2 - 1], [], [0], [1, 2, 3]], 'u2', {}),
    ]
    columns, expected = [], {}
    for name, tform, dtype, rows, out, options in cases:
        columns.append(fits.Column(name=name, format=tform, array=ragged(dtype, rows), **options))
        flat = np.concatenate([np.array(row, dtype) for row in rows])
        expected[name] = {'dtype': out, 'counts': [len(row) for row in rows], 'values': plain(flat)}
    texts = ['Vega', '', 'a b', 'Barnard']
    array = np.empty(4, dtype=object)
    for i, text in enumerate(texts):
        array[i] = np.array(list(text), dtype='S1')
    columns.append(fits.Column(name='PA', format='PA()', array=array))
    columns.append(fits.Column(name='FIXED', format='J', array=np.arange(4)))
    expected['PA'] = {'dtype': 'str', 'counts': [1, 1, 1, 1], 'values': texts}
    expected['PL'].update({'values': [1, 0, 0, 1, 0, 1], 'valid': [1, 1, 1, 1, 0, 1]})
    expected['PJ']['valid'] = [1, 1, 0, 1, 1, 1]
    expected['SCALED']['values'] = [-1.5, 2.5, 10.0, 2.0, 3.0, 4.0]
    expected['UI']['values'] = [0, 65535, 32768, 32769, 32770, 32771]
    hdu = fits.BinTableHDU.from_columns(fits.ColDefs(columns), name='VARIABLE')
    # The arrays are the stored ones: these cards get their names once the file is there.
    names = [case[0] for case in cases]
    scaled, unsigned = names.index('SCALED') + 1, names.index('UI') + 1
    hdu.header[f'XSCAL{scaled}'] = 0.5
    hdu.header[f'XZERO{scaled}'] = 2.0
    hdu.header[f'XZERO{unsigned}'] = u2
    save('variable', [fits.PrimaryHDU(), hdu], expected)
    path = GOLDEN / 'variable.fits'
    path.write_bytes(path.read_bytes().replace(b'XSCAL', b'TSCAL').replace(b'XZERO', b'TZERO'))


def text():
    cases = [
        ('NAME', 'A8', np.array(['Vega', '', 'a b']), 'str', {}),
        ('SHORT', 'I10', np.array([-999, 0, 9999], 'i2'), 'i8', {'unit': 'adu'}),
        ('LONG', 'I21', np.array([-(2**63), 2**53 + 1, 2**63 - 1]), 'i8', {}),
        ('E', 'E15.7', np.array([1.5e-30, np.nan, -2.25e20], 'f4'), 'f8', {'unit': 'km/s'}),
        ('D', 'D25.17', np.array([0.1, 1e300, -2.5]), 'f8', {}),
        ('NULL', 'I11', np.array([1, -1, 3], 'i4'), 'i8', {}),
    ]
    columns, expected = [], {}
    for name, tform, values, dtype, options in cases:
        columns.append(fits.Column(name=name, format=tform, array=values, ascii=True, **options))
        stored = values if dtype in ('str', 'f8') else values.astype(dtype)
        expected[name] = {'dtype': dtype, 'values': plain(stored)}
        if 'unit' in options:
            expected[name]['unit'] = options['unit']
    expected['NULL']['valid'] = [1, 0, 1]
    hdu = fits.TableHDU.from_columns(fits.ColDefs(columns), name='TEXT')
    # astropy 5.2 leaves TNULL out: its card gets its name once the file is there.
    hdu.header[f'XNULL{len(cases)}'] = '-1'
    save('text', [fits.PrimaryHDU(), hdu], expected)
    path = GOLDEN / 'text.fits'
    path.write_bytes(path.read_bytes().replace(b'XNULL', b'TNULL'))


def groups():
    data = np.arange(24, dtype='f4').reshape(2, 1, 3, 4)
    made = fits.GroupData(
        data, bitpix=-32, parnames=['U', 'DATE', 'DATE'], pardata=[[0.5, 1.5], [10.0, 20.0], [0.25, 0.125]]
    )
    expected = {'U': [0.5, 1.5], 'DATE': [10.0, 20.0], 'DATE_2': [0.25, 0.125], 'DATA': plain(data.ravel())}
    save('groups', [fits.GroupsHDU(made)], expected)


def checksum():
    # No array of variable length: astropy 5.2 gets the sums of those wrong.
    table = [fits.Column(name='I', format='I', array=[1, -2, 3]), fits.Column(name='B', format='B', array=[1, 2, 3])]
    hdus = [
        fits.PrimaryHDU(),
        fits.ImageHDU(np.linspace(-1, 1, 1001, dtype='f4'), name='RAMP'),
        fits.ImageHDU(np.arange(7, dtype='u1'), name='ODD'),
        fits.BinTableHDU.from_columns(table, name='TABLE'),
    ]
    save('checksum', hdus, [], checksum=True)
    with fits.open(GOLDEN / 'checksum.fits') as written:
        sums = [[hdu.header['CHECKSUM'], hdu.header['DATASUM']] for hdu in written]
    (GOLDEN / 'checksum.json').write_text(json.dumps(sums, indent=1) + '\n')


variable()
text()
groups()
checksum()

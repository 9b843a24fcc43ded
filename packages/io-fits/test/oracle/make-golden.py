"""Writes test/golden/*.fits with astropy, and beside each a .json of the values and cards in it.

Run once, by hand, after changing it: /usr/bin/python3 test/oracle/make-golden.py
"""
import json
import pathlib
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')
GOLDEN = pathlib.Path(__file__).resolve().parent.parent / 'golden'


def plain(values):
    """Values as JSON: 64-bit integers as text, NaN and infinities as text, complex as pairs, bits as 0 and 1."""
    values = np.asarray(values)
    kind = values.dtype.kind
    flat = values.ravel()
    if kind in 'SU':
        return [str(v).rstrip() for v in flat.astype(str)]
    if kind == 'c':
        return [x for v in flat for x in (float(v.real), float(v.imag))]
    if kind == 'f':
        return [float(v) if np.isfinite(v) else str(v) for v in flat]
    if kind == 'b':
        return [int(v) for v in flat]
    return [str(v) if values.dtype.itemsize == 8 else int(v) for v in flat]


def save(name, hdus, expected):
    fits.HDUList(hdus).writeto(GOLDEN / f'{name}.fits', overwrite=True)
    (GOLDEN / f'{name}.json').write_text(json.dumps(expected, indent=1) + '\n')


def images():
    shape = (2, 3)
    cases = {
        'U1': np.array([0, 1, 127, 128, 254, 255], 'u1'),
        'I1': np.array([-128, -1, 0, 1, 126, 127], 'i1'),
        'I2': np.array([-32768, -1, 0, 1, 256, 32767], 'i2'),
        'U2': np.array([0, 1, 256, 32767, 32768, 65535], 'u2'),
        'I4': np.array([-(2**31), -1, 0, 1, 65536, 2**31 - 1], 'i4'),
        'U4': np.array([0, 1, 65536, 2**31 - 1, 2**31, 2**32 - 1], 'u4'),
        'I8': np.array([-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1], 'i8'),
        'U8': np.array([0, 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1], 'u8'),
        'F4': np.array([0.1, -0.0, np.nan, np.inf, 1e-45, 3.4e38], 'f4'),
        'F8': np.array([0.1, -0.0, np.nan, -np.inf, 5e-324, 1.7e308], 'f8'),
    }
    hdus, expected = [fits.PrimaryHDU()], {}
    for name, values in cases.items():
        hdus.append(fits.ImageHDU(values.reshape(shape), name=name))
        expected[name] = {'dtype': name.lower(), 'shape': list(shape), 'values': plain(values)}
    for name, dtype, out in (('S1', 'u1', 'f4'), ('S2', 'i2', 'f4'), ('S4', 'i4', 'f8'), ('S8', 'i8', 'f8')):
        raw = np.array([[0, 7, 100], [3, 5, 9]], dtype)
        hdu = fits.ImageHDU(raw, name=name)
        hdu.header['BSCALE'] = 0.25
        hdu.header['BZERO'] = -3.5
        hdu.header['BLANK'] = 7
        hdus.append(hdu)
        values = np.where(raw == 7, np.nan, raw * 0.25 - 3.5).astype(out)
        valid = (raw != 7).astype(int).ravel().tolist()
        expected[name] = {'dtype': out, 'shape': [2, 3], 'values': plain(values), 'valid': valid}
    blank = fits.ImageHDU(np.array([1, -99, 3], 'i2'), name='BLANK')
    blank.header['BLANK'] = -99
    hdus.append(blank)
    expected['BLANK'] = {'dtype': 'i2', 'shape': [3], 'values': [1, -99, 3], 'valid': [1, 0, 1]}
    cube = np.arange(24, dtype='i4').reshape(2, 3, 4)
    hdus.append(fits.ImageHDU(cube, name='CUBE'))
    expected['CUBE'] = {'dtype': 'i4', 'shape': [2, 3, 4], 'values': plain(cube)}
    save('images', hdus, expected)


def table():
    u4, u8 = 2**31, 2**63
    columns = [
        ('L', 'L', np.array([True, False, True]), {}, 'bool', []),
        ('X', '11X', np.array([[i * j % 3 == 1 for j in range(11)] for i in range(3)]), {}, 'bit', [11]),
        ('B', 'B', np.array([0, 128, 255], 'u1'), {}, 'u1', []),
        ('I', '2I', np.array([[1, -2], [3, -4], [32767, -32768]], 'i2'), {'unit': 'adu'}, 'i2', [2]),
        ('UI', 'I', np.array([0, 32768, 65535], 'u2'), {'bzero': 32768}, 'u2', []),
        ('J', 'J', np.array([1, -9999, 3], 'i4'), {'null': -9999}, 'i4', []),
        ('UJ', 'J', np.array([0, u4, 2**32 - 1], 'u4'), {'bzero': u4}, 'u4', []),
        ('K', 'K', np.array([-(2**63), 2**53 + 1, 2**63 - 1], 'i8'), {}, 'i8', []),
        ('UK', 'K', np.array([0, u8, 2**64 - 1], 'u8'), {'bzero': u8}, 'u8', []),
        ('E', 'E', np.array([0.1, np.nan, -np.inf], 'f4'), {'unit': 'km/s'}, 'f4', []),
        ('D', '6D', np.arange(18, dtype='f8').reshape(3, 2, 3) / 7, {'dim': '(3,2)'}, 'f8', [2, 3]),
        ('C', 'C', np.array([1 + 2j, -0.5j, 3], 'c8'), {}, 'c8', []),
        ('M', '2M', np.array([[1 + 2j, 0], [-0.5j, 1], [3, 4j]], 'c16'), {}, 'c16', [2]),
        ('A', '8A', np.array(['Vega', '', ' a b']), {}, 'str', []),
        ('AA', '9A', np.array([['ab', 'cde', ''], ['f', 'g', 'h'], ['xyz', '', 'q']]), {'dim': '(3,3)'}, 'str', [3]),
        ('EMPTY', '0E', np.zeros((3, 0), 'f4'), {}, 'f4', [0]),
        ('SCALED', 'I', np.array([-7, -4, 16], 'i2'), {}, 'f8', []),
        ('SB', 'B', np.array([0, 128, 255], 'u1'), {}, 'i1', []),
    ]
    made, expected = [], {}
    for name, tform, values, options, dtype, shape in columns:
        made.append(fits.Column(name=name, format=tform, array=values, **options))
        expected[name] = {'dtype': dtype, 'shape': shape, 'values': plain(values)}
        if 'unit' in options:
            expected[name]['unit'] = options['unit']
    expected['J']['valid'] = [1, 0, 1]
    expected['SCALED']['values'] = [-1.5, 0.0, 10.0]
    expected['SB']['values'] = [-128, 0, 127]
    hdu = fits.BinTableHDU.from_columns(fits.ColDefs(made), name='ALL')
    # astropy 5.2 cannot write these two itself: their cards get their names once the file is there.
    names = [column[0] for column in columns]
    scaled, signed = names.index('SCALED') + 1, names.index('SB') + 1
    hdu.header[f'XSCAL{scaled}'] = 0.5
    hdu.header[f'XZERO{scaled}'] = 2.0
    hdu.header[f'XZERO{signed}'] = -128
    save('table', [fits.PrimaryHDU(), hdu], expected)
    path = GOLDEN / 'table.fits'
    path.write_bytes(path.read_bytes().replace(b'XSCAL', b'TSCAL').replace(b'XZERO', b'TZERO'))


def header():
    h = fits.Header()
    h['INTEGER'] = (42, 'an integer')
    h['BIG'] = 2**70
    h['NEGATIVE'] = -(2**53) - 1
    h['REAL'] = (0.1, 'a real')
    h['TRUE'] = True
    h['FALSE'] = (False, 'not so')
    h['QUOTES'] = "it's 'quoted'"
    h['SLASH'] = ('a / b', 'c / d')
    h['EMPTY'] = ''
    h['UNDEF'] = (None, 'no value')
    h['COMPLEX'] = (1.5 - 2j, 'complex')
    h['LONGSTR'] = ('The quick brown fox & the lazy dog, ' * 5 + "isn't it", 'and a comment')
    h['HIERARCH ESO DET CHIP1 NAME'] = ('Marlene', 'long keyword')
    h['HIERARCH ESO EXPTIME'] = 12.5
    h['DUP'] = 1
    h.append(('DUP', 2, 'again'), end=True)
    h['INHERIT'] = True
    h.add_history('first line')
    h.add_history('second line, ' + 'long ' * 20)
    h.add_comment('a comment')
    h.append(fits.Card.fromstring('DEXP    =              1.25D-03 / Fortran'), end=True)
    h.append(fits.Card.fromstring("FREE    = 'free' / format"), end=True)
    hdu = fits.PrimaryHDU(header=h)
    cards = []
    for card in hdu.header.cards:
        value = card.value
        if isinstance(value, fits.card.Undefined):
            value = None
        if isinstance(value, complex):
            value = {'complex': [value.real, value.imag]}
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**53:
            value = {'bigint': str(value)}
        cards.append([card.keyword, value, card.comment])
    save('header', [hdu], cards)


images()
table()
header()

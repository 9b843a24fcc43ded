"""Describes FITS files as astropy reads them, as JSON on stdout: one entry a file.

Arrays are given as dtype, shape and the SHA-256 of their little-endian row-major bytes, so that files of any size
compare exactly; strings as the SHA-256 of the strings joined by newlines.
Usage: describe.py FILE...
"""
import hashlib
import json
import sys
import warnings

import numpy as np
from astropy.io import fits

warnings.simplefilter('ignore')

KINDS = {'b': 'u', 'i': 'i', 'u': 'u', 'f': 'f', 'c': 'c'}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def describe_array(values):
    values = np.asarray(values)
    if values.dtype.kind in 'SU':
        texts = [v.decode('latin-1') if isinstance(v, bytes) else str(v) for v in values.ravel()]
        texts = [v.split('\0')[0].rstrip(' ') for v in texts]
        sha = digest('\n'.join(texts).encode('latin-1'))
        return {'dtype': 'str', 'shape': list(values.shape), 'sha': sha, 'cells': some(texts)}
    name = KINDS[values.dtype.kind] + str(values.dtype.itemsize)
    little = np.ascontiguousarray(values.astype(values.dtype.newbyteorder('<')))
    flat = little.ravel().view(f'f{little.itemsize // 2}') if little.dtype.kind == 'c' else little.ravel()
    return {'dtype': name, 'shape': list(values.shape), 'sha': digest(little.tobytes()), 'cells': some(flat)}


def some(values):
    """The first, the middle and the last of the values, as JSON can hold them."""
    if len(values) == 0:
        return []
    return [plain(values[at]) for at in (0, len(values) // 2, len(values) - 1)]


def plain(value):
    if isinstance(value, str):
        return value
    if value.dtype.kind == 'f':
        return float(value) if np.isfinite(value) else str(float(value))
    return str(value) if value.dtype.itemsize == 8 else int(value)


def describe_image(hdu):
    out = {'type': 'image'}
    if hdu.data is None:
        return {**out, 'dtype': None, 'shape': [], 'sha': digest(b''), 'cells': []}
    if hdu.data.dtype.kind != 'f' or hdu._orig_bitpix < 0:
        return {**out, **describe_array(hdu.data)}
    if (hdu._orig_bscale, hdu._orig_bzero) == (1, 0):
        # astropy makes floats of integers with BLANK; the integers themselves are the data.
        raw = raw_image(hdu)
        return {**out, **describe_array(raw.astype(raw.dtype.newbyteorder('=')))}
    # Scaled integers: astropy computes in single precision for BITPIX 8 and 16; only its rounding differs from this.
    exact = hdu._orig_bzero + hdu._orig_bscale * raw_image(hdu).astype('f8')
    exact = np.where(np.isnan(hdu.data), np.nan, exact).astype(hdu.data.dtype)
    assert np.allclose(exact, hdu.data, rtol=1e-6, equal_nan=True)
    return {**out, 'scaled': True, **describe_array(exact)}


def raw_image(hdu):
    dtype = np.dtype(fits.hdu.image.BITPIX2DTYPE[hdu._orig_bitpix]).newbyteorder('>')
    return hdu._get_raw_data(hdu.shape, dtype, hdu._data_offset)


def describe_table(hdu):
    columns = []
    for i, column in enumerate(hdu.columns):
        entry = {'name': column.name, 'unit': column.unit, 'format': column.format}
        if 'P' in column.format or 'Q' in column.format:
            columns.append({**entry, **describe_variable(hdu.data.field(i), column.format)})
            continue
        try:
            values = hdu.data.field(i)
        except ValueError:
            # Bits with dimensions that are not whole bytes.
            columns.append({**entry, 'empty': True})
            continue
        if column.null is not None and values.dtype.kind == 'f':
            # astropy scales the integer that means "no value" as any other.
            values = np.where(np.asarray(np.rec.recarray.field(hdu.data, i)) == column.null, np.nan, values)
        if column.format.endswith('B') and column.bzero == -128:
            values = np.asarray(values).astype('i1')
        if values.dtype.kind == 'V':
            columns.append({**entry, 'empty': True})
            continue
        columns.append({**entry, **describe_array(values)})
    return {'type': 'bintable', 'rows': len(hdu.data), 'columns': columns}


def with_names(hdu):
    """The table itself, or where columns lack a name, which astropy cannot read, a copy that has names."""
    names = [f'TTYPE{i + 1}' for i in range(hdu.header['TFIELDS'])]
    if all(name in hdu.header for name in names):
        return hdu
    header = hdu.header.copy()
    for i, name in enumerate(names):
        header.setdefault(name, f'COL{i + 1}')
    hdu._file.seek(hdu._data_offset)
    data = hdu._file.read(hdu._data_size)
    return fits.BinTableHDU.fromstring(header.tostring().encode('latin-1') + data)


def describe_variable(rows, form):
    """The values of all rows as one array, and how many each row has; a row of characters is one string."""
    counts = [len(row) for row in rows]
    if 'A' in form:
        texts = [''.join(row) for row in rows]
        return {'variable': [1] * len(texts), **describe_array(np.array(texts, dtype='U'))}
    values = np.concatenate(list(rows)) if len(rows) else np.zeros(0, 'u1')
    # astropy leaves logicals as bytes: T is true.
    return {'variable': counts, **describe_array((values == 84).astype('u1') if 'L' in form else values)}


def describe_ascii(hdu):
    columns = []
    for i, column in enumerate(hdu.columns):
        entry = {'name': column.name, 'unit': column.unit, 'format': column.format}
        values = np.array(hdu.data.field(i))
        if column.null is not None:
            # astropy answers 0 for what TNULL marks.
            raw = np.char.strip(np.asarray(np.rec.recarray.field(hdu.data, i))).astype('U')
            missing = {'f': np.nan, 'U': '', 'S': b''}.get(values.dtype.kind, 0)
            values[raw == str(column.null).strip()] = missing
        columns.append({**entry, **describe_array(values)})
    return {'type': 'ascii-table', 'rows': len(hdu.data), 'columns': columns}


def describe_groups(hdu):
    names = hdu.data.parnames
    columns = [{'name': name, 'unit': None, **describe_array(hdu.data.field(i))} for i, name in enumerate(names)]
    columns.append({'name': 'DATA', 'unit': None, **describe_array(hdu.data.data)})
    return {'type': 'random-groups', 'rows': len(hdu.data), 'columns': columns}


STATES = {0: 'bad', 1: 'ok', 2: 'absent'}


def describe_sums(hdu):
    return {'checksum': STATES[hdu.verify_checksum()], 'datasum': STATES[hdu.verify_datasum()]}


def describe_header(header):
    cards = []
    for card in header.cards:
        try:
            value = card.value
        except fits.VerifyError:
            cards.append([card.keyword, {'unparsable': True}, None])
            continue
        if isinstance(value, fits.card.Undefined):
            value = None
        if isinstance(value, complex):
            value = [value.real, value.imag]
        if isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_)):
            value = {'int': str(value)}
        cards.append([card.keyword, bool(value) if isinstance(value, np.bool_) else value, card.comment])
    return cards


def describe(path):
    with fits.open(path, memmap=False, uint=True, disable_image_compression=True, character_as_bytes=True) as hdus:
        out = []
        for hdu in hdus:
            entry = {'name': hdu.name, 'cards': describe_header(hdu.header), 'sums': describe_sums(hdu)}
            if isinstance(hdu, fits.GroupsHDU):
                entry.update(describe_groups(hdu))
            elif isinstance(hdu, fits.TableHDU):
                entry.update(describe_ascii(hdu))
            elif isinstance(hdu, (fits.PrimaryHDU, fits.ImageHDU)):
                entry.update(describe_image(hdu))
            elif isinstance(hdu, fits.BinTableHDU):
                entry.update({'type': 'other'} if hdu.header.get('ZIMAGE') or hdu.header.get('ZTABLE') else describe_table(with_names(hdu)))
            else:
                entry['type'] = 'other'
            out.append(entry)
        return out


if __name__ == '__main__':
    result = {}
    for path in sys.argv[1:]:
        try:
            result[path] = describe(path)
        except Exception as error:
            result[path] = {'error': repr(error)}
    json.dump(result, sys.stdout)

"""Writes golden/conformance.json: what astropy reads in every file of shared/data/fits-conformance.

Files packed by compress, which astropy does not know, are unpacked by gzip first.
Usage: make-conformance.py FOLDER, from anywhere.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from describe import describe

GOLDEN = Path(__file__).parent.parent / 'golden' / 'conformance.json'


def answer(path):
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / 'unpacked.fits'
        if path.suffix == '.Z':
            plain.write_bytes(subprocess.run(['gzip', '-dc', path], check=True, capture_output=True).stdout)
            path = plain
        try:
            return describe(str(path))
        except Exception as error:
            return {'error': repr(error)}


root = Path(sys.argv[1])
answers = {str(path.relative_to(root)): answer(path) for path in sorted(root.glob('*/*'))}
lines = [f'{json.dumps(name)}: {json.dumps(found)}' for name, found in answers.items()]
GOLDEN.write_text('{\n' + ',\n'.join(lines) + '\n}\n')

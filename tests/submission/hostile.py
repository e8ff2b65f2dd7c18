"""A catalogue of hostile and broken archives: how each is made, and what its refusal says."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Hostile:
    """One archive. `says` is part of the refusal; `names` is part of the entry that it must name."""

    make: Callable[[], bytes]
    says: str
    names: str = ""


def zipped(*names: str, content: bytes = b"x", mode: int = 0, flags: int = 0) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name that appears twice
        for name in names:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, content)
    return _flagged(out.getvalue(), flags) if flags else out.getvalue()


def _flagged(data: bytes, flags: int) -> bytes:
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(magic) + offset
        data = data[:at] + struct.pack("<H", flags) + data[at + 2 :]
    return data


def tarred(*names: str, kind: bytes = tarfile.REGTYPE, link: str = "", content: bytes = b"x", mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=tarfile.GNU_FORMAT) as archive:  # type: ignore[call-overload]
        for name in names:
            member = tarfile.TarInfo(name)
            member.type = kind
            member.linkname = link
            member.size = len(content) if kind == tarfile.REGTYPE else 0
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def linked(kind: bytes, target: str) -> bytes:
    return tarred("app/l", kind=kind, link=target)


def _renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    assert len(old) == len(new)
    return data.replace(old, new)


def zip_with_nul_in_a_name() -> bytes:
    return _renamed(zipped("app/x.py"), b"app/x.py", b"app/x\0py")


def zip_with_latin_1_name() -> bytes:
    return _renamed(zipped("app/x.py"), b"app/x.py", b"app/\xfc.py")


def zip_with_broken_utf_8_flag() -> bytes:
    return _flagged(zip_with_latin_1_name(), 0x800)


def tar_with_latin_1_name() -> bytes:
    data = bytearray(tarred("app/x.py"))
    data[0:8] = b"app/\xfc.py"
    return _summed(data)


def _summed(data: bytearray) -> bytes:
    data[148:156] = b" " * 8
    data[148:156] = f"{sum(data[:512]):06o}\0 ".encode()
    return bytes(data)


def tar_with_negative_size() -> bytes:
    """Some releases of tarfile go round in circles on this one."""
    data = bytearray(tarred("app/x.py", "app/y.py"))
    data[124:136] = b"\xff" + (-512 & (2**88 - 1)).to_bytes(11, "big")
    return _summed(data)


def tar_with_giant_extended_header() -> bytes:
    """A pax header that claims 2 MiB of digits, read into memory and searched by tarfile."""
    header = tarfile.TarInfo("x")
    header.type = tarfile.XHDTYPE
    header.size = 2 * MIB
    return header.tobuf(tarfile.USTAR_FORMAT) + b"1" * (2 * MIB) + tarred("app/x.py")


def tar_with_endless_extended_headers() -> bytes:
    header = tarfile.TarInfo("x")
    header.type = tarfile.XHDTYPE
    header.size = 512
    record = b"12 comment=a\n"
    block = header.tobuf(tarfile.USTAR_FORMAT) + (record * 40)[:512].ljust(512, b"\n")
    return block * 2_000 + tarred("app/x.py")


def tar_with_endless_sparse_map() -> bytes:
    data = bytearray(tarred("app/x.py"))[:512]
    data[156:157] = tarfile.GNUTYPE_SPARSE
    data[482:483] = b"\1"
    extension = (b"00000000001\0" * 42).ljust(504, b"\0") + b"\1" + bytes(7)
    return _summed(data) + extension * 4_000


def tar_without_its_end() -> bytes:
    return tarred("app/x.py", "app/y.py")[:1024]


def tar_cut_in_a_file() -> bytes:
    return tarred("app/x.py", content=b"y" * 4_000)[:2_000]


def zip_with_lying_sizes() -> bytes:
    """Both headers say one byte; 20 MiB come out."""
    data = zipped("app/x.py", content=bytes(20 * MIB))
    for magic, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(magic) + offset
        data = data[:at] + struct.pack("<I", 1) + data[at + 4 :]
    return data


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(12):
            archive.writestr(f"app/{number}.txt", bytes(MIB))
    return out.getvalue()


def zip_with_giant_directory() -> bytes:
    """A directory of 9 MiB made of 1,500 comments."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(150):
            info = zipfile.ZipInfo(f"venv/{number}")
            info.comment = b"c" * 65_000
            archive.writestr(info, b"")
    return out.getvalue()


def zip_with_unusual_method() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("app/x.py", b"x" * 1000)
    return out.getvalue()


def xz_that_wants_memory() -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 30}]
    # The encoder would need ten times that much, so the size is written into a finished header.
    data = bytearray(lzma.compress(tarred("app/x.py"), filters=[{**filters[0], "dict_size": 1 << 20}]))
    at = data.index(b"\x21\x01", 12) + 2
    data[at] = 38
    header = 12 + (data[12] + 1) * 4
    data[header - 4 : header] = struct.pack("<I", zlib.crc32(bytes(data[12 : header - 4])))
    return bytes(data)


ZIPS: dict[str, Hostile] = {
    "traversal": Hostile(lambda: zipped("../evil.py"), "climbs out", "../evil.py"),
    "traversal in the middle": Hostile(lambda: zipped("app/../../evil.py"), "climbs out", "app/../../evil.py"),
    "traversal into a stripped folder": Hostile(lambda: zipped(".venv/../../evil.py"), "climbs out"),
    "absolute path": Hostile(lambda: zipped("/etc/cron.d/evil"), "absolute path", "/etc/cron.d/evil"),
    "drive letter": Hostile(lambda: zipped("C:/evil.py"), "absolute path"),
    "backslash": Hostile(lambda: zipped("..\\evil.py"), "backslash"),
    "symbolic link": Hostile(lambda: zipped("app/l", mode=stat.S_IFLNK | 0o777), "symbolic link", "app/l"),
    "device": Hostile(lambda: zipped("app/d", mode=stat.S_IFCHR | 0o666), "a device", "app/d"),
    "named pipe": Hostile(lambda: zipped("app/p", mode=stat.S_IFIFO | 0o666), "named pipe", "app/p"),
    "duplicate": Hostile(lambda: zipped("app/x.py", "app/x.py"), "twice", "app/x.py"),
    "case collision": Hostile(lambda: zipped("app/x.py", "app/X.py"), "differ only in case", "app/X.py"),
    "folder case collision": Hostile(lambda: zipped("app/x.py", "App/y.py"), "differ only in case", "App/y.py"),
    "Unicode collision": Hostile(lambda: zipped("app/\u00fc.py", "app/u\u0308.py"), "differ only in case"),
    "file and folder": Hostile(lambda: zipped("app", "app/x.py"), "both a file and a folder", "app/x.py"),
    "NUL in a name": Hostile(zip_with_nul_in_a_name, "control or invisible", "app/x\\x00py"),
    "line break in a name": Hostile(lambda: zipped("app/x\ny.py"), "control or invisible", "app/x\\ny.py"),
    "escape sequence in a name": Hostile(lambda: zipped("app/\x1b[2J.py"), "control or invisible", "\\x1b[2J"),
    "bidi control in a name": Hostile(lambda: zipped("app/\u202egnp.py"), "control or invisible", "\\u202e"),
    "Latin-1 name": Hostile(zip_with_latin_1_name, "not UTF-8"),
    "broken UTF-8 name": Hostile(zip_with_broken_utf_8_flag, "damaged"),
    "long name": Hostile(lambda: zipped("a" * 300), "too long"),
    "long path": Hostile(lambda: zipped("/".join(["a" * 200] * 6)), "too long"),
    "nested folders": Hostile(lambda: zipped("a/" * 40 + "x"), "nested deeper than 32"),
    "many entries": Hostile(lambda: zipped(*(f"a/{n}" for n in range(5_001))), "more than 5,000 files"),
    "many stripped entries": Hostile(lambda: zipped(*(f".venv/{n}" for n in range(50_001))), "more than 50,000"),
    "large file": Hostile(lambda: zipped("app/x", content=random.Random(1).randbytes(11 * MIB)), "larger than 10 MiB"),
    "bomb": Hostile(zip_bomb, "100 times its size"),
    "lying sizes": Hostile(zip_with_lying_sizes, "damaged"),
    "giant directory": Hostile(zip_with_giant_directory, "damaged"),
    "encrypted": Hostile(lambda: zipped("app/x.py", flags=1), "encrypted", "app/x.py"),
    "unusual method": Hostile(zip_with_unusual_method, "unusual method", "app/x.py"),
    "cut short": Hostile(lambda: zipped("app/x.py", content=b"y" * 4_000)[:-30], "damaged or cut short"),
    "wrong checksum": Hostile(lambda: _renamed(zipped("x"), b"\x83\x16\xdc\x8c", b"\x83\x16\xdc\x8d"), "damaged"),
    "no entry": Hostile(zipped, "no files"),
    "nothing but caches": Hostile(lambda: zipped("a/__pycache__/x.pyc", "a/.git/HEAD"), "no files"),
}

TARS: dict[str, Hostile] = {
    "traversal": Hostile(lambda: tarred("../evil.py"), "climbs out", "../evil.py"),
    "absolute path": Hostile(lambda: tarred("/etc/cron.d/evil"), "absolute path", "/etc/cron.d/evil"),
    "symbolic link outside": Hostile(lambda: linked(tarfile.SYMTYPE, "/etc/passwd"), "symbolic link", "app/l"),
    "symbolic link inside": Hostile(lambda: linked(tarfile.SYMTYPE, "main.py"), "symbolic link", "app/l"),
    "hard link": Hostile(lambda: linked(tarfile.LNKTYPE, "/etc/passwd"), "hard link", "app/l"),
    "character device": Hostile(lambda: tarred("app/d", kind=tarfile.CHRTYPE), "a device", "app/d"),
    "block device": Hostile(lambda: tarred("app/d", kind=tarfile.BLKTYPE), "a device", "app/d"),
    "named pipe": Hostile(lambda: tarred("app/p", kind=tarfile.FIFOTYPE), "named pipe", "app/p"),
    "unknown kind": Hostile(lambda: tarred("app/u", kind=b"Z"), "unknown kind", "app/u"),
    "duplicate": Hostile(lambda: tarred("app/x.py", "./app//x.py"), "twice", "./app//x.py"),
    "Latin-1 name": Hostile(tar_with_latin_1_name, "not UTF-8", "\\udcfc"),
    "negative size": Hostile(tar_with_negative_size, "damaged"),
    "giant extended header": Hostile(tar_with_giant_extended_header, "damaged"),
    "endless extended headers": Hostile(tar_with_endless_extended_headers, "damaged"),
    "endless sparse map": Hostile(tar_with_endless_sparse_map, "damaged"),
    "cut between files": Hostile(tar_without_its_end, "damaged or cut short"),
    "cut in a file": Hostile(tar_cut_in_a_file, "damaged or cut short"),
    "large file": Hostile(lambda: tarred("app/x", content=bytes(11 * MIB)), "larger than 10 MiB"),
    "large in all": Hostile(lambda: tarred(*"abcdef", content=bytes(9 * MIB)), "larger than 50 MiB"),
    "gzip bomb": Hostile(lambda: tarred("app/x", content=bytes(30 * MIB), mode="w:gz"), "100 times its size"),
    "bzip2 bomb": Hostile(lambda: tarred("app/x", content=bytes(30 * MIB), mode="w:bz2"), "100 times its size"),
    "xz bomb": Hostile(lambda: tarred("app/x", content=bytes(30 * MIB), mode="w:xz"), "100 times its size"),
    "xz with a giant dictionary": Hostile(xz_that_wants_memory, "damaged"),
    "gzip cut short": Hostile(lambda: gzip.compress(tarred("app/x.py"))[:-20], "damaged or cut short"),
    "bzip2 cut short": Hostile(lambda: bz2.compress(tarred("app/x.py"))[:-20], "damaged or cut short"),
    "xz cut short": Hostile(lambda: lzma.compress(tarred("app/x.py"))[:-20], "damaged or cut short"),
    "gzip of something else": Hostile(lambda: gzip.compress(b"hello" * 500), "damaged"),
    "no entry": Hostile(lambda: gzip.compress(tarred()), "no files"),
    "nothing but zeros": Hostile(tarred, "not a folder, an archive or a git repository"),
}

OTHERS: dict[str, Hostile] = {
    "text": Hostile(lambda: b"hello", "not a folder, an archive or a git repository"),
    "nothing": Hostile(lambda: b"", "the file is empty"),
    "7z": Hostile(lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z archives are not supported"),
    "RAR": Hostile(lambda: b"Rar!\x1a\x07\x01\x00", "RAR archives are not supported"),
    "Zstandard": Hostile(lambda: b"\x28\xb5\x2f\xfd" + bytes(100), "Zstandard archives are not supported"),
}

CATALOGUE: dict[str, Hostile] = {
    **{f"zip: {name}": item for name, item in ZIPS.items()},
    **{f"tar: {name}": item for name, item in TARS.items()},
    **{f"file: {name}": item for name, item in OTHERS.items()},
}
